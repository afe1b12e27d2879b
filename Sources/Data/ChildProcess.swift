import Foundation

/// A running program whose output is read as it comes.
///
/// Not Foundation's `Process`: the pipe must end with this process, the program must stop when the pipe does, and a
/// read must be able to give up after a while.
final class ChildProcess {
  /// What came, or did not.
  enum Event {
    /// This many bytes lie at the start of the buffer.
    case output(Int)
    /// Nothing came within the time given.
    case silence
    /// The program has closed its output.
    case end
  }

  private var identifier: pid_t
  private let output: CInt
  private let complaints: CInt
  private var complaint: [UInt8] = []
  private var complaintsOpen = true

  /// Starts the program that `arguments[0]` names, looked up in the search path.
  ///
  /// Returns nil and the system's error number where it cannot be started.
  static func start(_ arguments: [String]) -> (process: ChildProcess?, errorNumber: CInt) {
    // Closed on exec from the start, or a program started by another thread meanwhile would hold them open.
    var results: [CInt] = [-1, -1]
    var complaints: [CInt] = [-1, -1]
    defer { for end in results + complaints where end >= 0 { close(end) } }
    guard pipe2(&results, O_CLOEXEC) == 0, pipe2(&complaints, O_CLOEXEC) == 0 else { return (nil, errno) }

    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0)
    posix_spawn_file_actions_adddup2(&actions, results[1], STDOUT_FILENO)
    posix_spawn_file_actions_adddup2(&actions, complaints[1], STDERR_FILENO)

    var words: [UnsafeMutablePointer<CChar>?] = arguments.map { strdup($0) }
    defer { for word in words { free(word) } }
    words.append(nil)
    var identifier: pid_t = 0
    let errorNumber = posix_spawnp(&identifier, words[0], &actions, nil, words, environ)
    guard errorNumber == 0 else { return (nil, errorNumber) }
    let process = ChildProcess(identifier: identifier, output: results[0], complaints: complaints[0])
    results[0] = -1
    complaints[0] = -1
    return (process, 0)
  }

  private init(identifier: pid_t, output: CInt, complaints: CInt) {
    self.identifier = identifier
    self.output = output
    self.complaints = complaints
  }

  deinit {
    _ = stop()
    close(output)
    close(complaints)
  }

  /// Waits for output, `milliseconds` at most.
  func next(into buffer: UnsafeMutableRawBufferPointer, milliseconds: CInt) -> Event {
    var watched = [
      pollfd(fd: output, events: Int16(POLLIN), revents: 0),
      pollfd(fd: complaintsOpen ? complaints : -1, events: Int16(POLLIN), revents: 0),
    ]
    guard poll(&watched, 2, milliseconds) > 0 else { return .silence }
    // Left unread, complaints would fill their pipe and the program would wait for ever.
    if watched[1].revents != 0 { drainComplaints() }
    guard watched[0].revents != 0 else { return .silence }
    let count = Self.bytes(from: output, into: buffer)
    return count > 0 ? .output(count) : .end
  }

  /// Waits for the program's end and returns its exit status (negative: the signal that ended it) and what it wrote
  /// to standard error.
  func finish() -> (status: CInt, complaint: String) {
    while complaintsOpen { drainComplaints() }
    return (reap(), String(decoding: complaint, as: UTF8.self))
  }

  /// Ends the program.
  func stop() -> CInt {
    if identifier > 0 { kill(identifier, SIGTERM) }
    return reap()
  }

  private func reap() -> CInt {
    guard identifier > 0 else { return 0 }
    var status: CInt = 0
    while waitpid(identifier, &status, 0) < 0 && errno == EINTR {}
    identifier = 0
    let signal = status & 0x7F
    return signal == 0 ? (status >> 8) & 0xFF : -signal
  }

  private func drainComplaints() {
    withUnsafeTemporaryAllocation(byteCount: 4096, alignment: 1) { buffer in
      let count = Self.bytes(from: complaints, into: buffer)
      if count <= 0 { complaintsOpen = false }
      if count > 0, complaint.count < 1 << 16 { complaint.append(contentsOf: buffer[..<count]) }
    }
  }

  private static func bytes(from descriptor: CInt, into buffer: UnsafeMutableRawBufferPointer) -> Int {
    while true {
      let count = read(descriptor, buffer.baseAddress, buffer.count)
      if count >= 0 || errno != EINTR { return count }
    }
  }
}
