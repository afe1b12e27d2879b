import Foundation

/// A PostgreSQL server of its own: with its files in a temporary folder and a socket in there, reached by nobody else.
///
/// A shell runs it, and ends it and removes its files when this process ends, however that happens.
public final class PostgreSQLServer: @unchecked Sendable {
  /// One for all tests of a process; `nil`, and a printed line, where PostgreSQL is not installed.
  public static let shared = PostgreSQLServer()

  private let folder: String
  private let shell = Process()
  private let commands = Pipe()
  private let answers = Pipe()
  private let lock = NSLock()

  /// Where a database is.
  ///
  /// - Parameters:
  ///   - schema: The schema in which its tables lie.
  ///   - password: The password, which is `right`.
  public func uri(schema: String = "public", password: String = "right") -> String {
    "postgresql://descent:\(password)@/postgres?host=\(folder)&options=-csearch_path%3D\(schema)"
  }

  /// Starts a server; `nil`, and a printed line, where that cannot be done here.
  public init?() {
    guard let programs = Self.programs else {
      print("skipped: PostgreSQL's server is not installed: apt-get install postgresql")
      return nil
    }
    // The server's user may not enter the folder for temporary files of another user, and the path of a socket is short.
    folder = "/tmp/descent-postgres-\(UUID().uuidString.prefix(13))"
    shell.executableURL = URL(fileURLWithPath: "/bin/sh")
    let body = ["-c", Self.script, "sh", folder, programs]
    if geteuid() == 0 {
      // The server refuses to run as root.
      shell.executableURL = URL(fileURLWithPath: "/usr/bin/env")
      shell.arguments = ["runuser", "-u", "postgres", "--", "/bin/sh"] + body
    } else {
      shell.arguments = body
    }
    shell.currentDirectoryURL = URL(fileURLWithPath: "/tmp")
    shell.standardInput = commands
    shell.standardOutput = answers
    shell.standardError = FileHandle.nullDevice
    guard (try? shell.run()) != nil, answer() == "made", send("start") else {
      print("skipped: PostgreSQL's server cannot be started here")
      return nil
    }
  }

  deinit { end() }

  /// Ends the server and removes its files.
  public func end() {
    try? commands.fileHandleForWriting.close()
    shell.waitUntilExit()
  }

  /// Ends the server at once, as a failure of the power would, or starts it again.
  @discardableResult public func send(_ command: String) -> Bool {
    lock.lock()
    defer { lock.unlock() }
    commands.fileHandleForWriting.write(Data("\(command)\n".utf8))
    return answer() == "done"
  }

  /// Ends the server at once.
  public func crash() { send("crash") }
  /// Starts the server.
  @discardableResult public func start() -> Bool { send("start") }
  /// Runs commands of SQL; returns what `psql` prints.
  @discardableResult public func query(_ text: String) -> String {
    lock.lock()
    defer { lock.unlock() }
    commands.fileHandleForWriting.write(Data("query \(text)\n".utf8))
    return answer()
  }

  private func answer() -> String {
    var line: [UInt8] = []
    while true {
      guard let byte = try? answers.fileHandleForReading.read(upToCount: 1)?.first else { break }
      if byte == UInt8(ascii: "\n") { break }
      line.append(byte)
    }
    return String(decoding: line, as: UTF8.self)
  }

  private static var programs: String? {
    let versions = (try? FileManager.default.contentsOfDirectory(atPath: "/usr/lib/postgresql")) ?? []
    let newest = versions.compactMap { Int($0) }.max().map { "/usr/lib/postgresql/\($0)/bin" }
    let path = ProcessInfo.processInfo.environment["PATH"] ?? ""
    let folders = [newest].compactMap { $0 } + path.split(separator: ":").map(String.init)
    return folders.first { folder in
      ["initdb", "postgres", "psql"].allSatisfy {
        FileManager.default.isExecutableFile(atPath: "\(folder)/\($0)")
      }
    }
  }

  /// Nothing reaches the disk for good here, and the server keeps little in memory: tests are to be quick.
  private static let script = """
    folder=$1 programs=$2 server=
    umask 077
    mkdir "$folder" || exit 1
    trap 'test -z "$server" || { kill -QUIT $server; wait $server; }; rm -rf "$folder"' EXIT
    trap 'exit 1' HUP INT TERM
    echo right > "$folder/password"
    "$programs/initdb" -D "$folder/data" -U descent -A scram-sha-256 --pwfile="$folder/password" --no-sync \\
      --no-instructions -E UTF8 --locale=C >/dev/null 2>&1 </dev/null || exit 1
    echo made
    while read -r command rest; do
      case $command in
      start)
        "$programs/postgres" -D "$folder/data" -k "$folder" -c listen_addresses= -c fsync=off \\
          -c shared_buffers=16MB -c max_connections=60 >>"$folder/log" 2>&1 </dev/null &
        server=$!
        turn=0
        while ! PGPASSWORD=right "$programs/psql" -h "$folder" -U descent -qAt -c 'SELECT 1' postgres >/dev/null 2>&1 </dev/null; do
          turn=$((turn + 1))
          test $turn -lt 600 && kill -0 $server 2>/dev/null || break
          sleep 0.05
        done
        test $turn -lt 600 && echo done || echo failed ;;
      crash)
        kill -QUIT $server; wait $server 2>/dev/null; server=
        echo done ;;
      query)
        PGPASSWORD=right "$programs/psql" -h "$folder" -U descent -qAt -c "$rest" postgres 2>&1 </dev/null | tr '\\n' ' '
        echo ;;
      esac
    done
    """
}
