import DescentFiles
import Foundation

/// One transfer by the system's `curl` program.
///
/// Not Foundation's `URLSession`: that would make every program which imports Descent load libcurl, libxml and their
/// dependencies at its start, and a process of its own brings proxies, certificates and redirects as the user's system
/// has them set up, and costs nothing where nothing is downloaded.
struct CurlTransfer {
  /// How a transfer ended.
  enum Outcome {
    /// The server said that this is all.
    case complete
    /// It broke off; the rest may come at another attempt.
    case interrupted(String)
    /// What is asked for is not there, or not for us; another attempt will not change that.
    case refused(String)
    /// The server does not continue where an earlier transfer broke off.
    case cannotResume
    /// The file is longer than it may be.
    case tooLong
  }

  /// The program's name or path.
  var curl: String

  /// After how many seconds without a byte a transfer counts as broken off.
  var stallSeconds: Int

  /// Appends what `url` holds from byte `offset` on to `file`, of which nothing may lie beyond `limit`.
  ///
  /// - Throws: `FileError` where `curl` is missing or the file cannot be written.
  func run(
    _ url: String, from offset: Int, limit: Int?, to file: OpenFile, received: (Int) -> Void
  ) throws -> Outcome {
    let (started, errorNumber) = ChildProcess.start(arguments(url, offset: offset))
    guard let process = started else {
      let reason = errorNumber == ENOENT ? "is not installed" : "cannot be started"
      throw FileError(file.path, "the program curl \(reason); install it with: apt-get install curl")
    }
    let chunk = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 16, alignment: 16)
    defer { chunk.deallocate() }
    var size = offset
    transfer: while true {
      switch process.next(into: chunk, milliseconds: 1000) {
      case .end: break transfer
      case .silence: received(size)
      case .output(let count):
        if let limit, size + count > limit { return .tooLong }
        try file.append(UnsafeRawBufferPointer(rebasing: chunk[..<count]))
        size += count
        received(size)
      }
    }
    let (status, complaint) = process.finish()
    return Self.outcome(status: status, complaint: complaint, offset: offset)
  }

  private func arguments(_ url: String, offset: Int) -> [String] {
    // The user's own .curlrc is left out (--disable): an "output" or "include" in it would spoil the file.
    var arguments = [
      curl, "--disable", "--silent", "--show-error", "--fail", "--location", "--globoff",
      "--proto", "=http,https,ftp,file", "--proto-redir", "=http,https",
      "--connect-timeout", "20", "--speed-limit", "1", "--speed-time", String(stallSeconds),
      "--write-out", "%{stderr}\n%{http_code}", "--output", "-",
    ]
    if offset > 0 { arguments += ["--continue-at", String(offset)] }
    return arguments + ["--url", url]
  }

  /// What curl's exit status and last words mean. The last line is the server's answer, 000 where there was none.
  private static func outcome(status: CInt, complaint: String, offset: Int) -> Outcome {
    let lines = complaint.split(whereSeparator: \.isNewline)
    let answer = lines.last.flatMap { Int($0) } ?? 0
    let message = lines.first { $0.hasPrefix("curl: ") }.map { line in
      line.drop { $0 != ")" }.dropFirst().drop { $0 == " " }
    }
    let words = message.map(String.init) ?? "curl ended with status \(status)"
    switch (status, answer) {
    case (0, _): return .complete
    case (33, _), (36, _): return .cannotResume
    case (22, 416) where offset > 0: return .cannotResume
    case (22, 408), (22, 429), (22, 500...): return .interrupted("the server answers \(answer)")
    case (22, 404): return .refused("the server answers 404, not found")
    case (22, _): return .refused("the server answers \(answer)")
    // Protocol unknown, address malformed, file not readable, certificate not trusted.
    case (1, _), (3, _), (37, _), (60, _): return .refused(words)
    default: return .interrupted(words)
    }
  }
}
