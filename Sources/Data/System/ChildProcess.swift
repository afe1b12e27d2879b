import CFormats
import Foundation

/// A running program whose output is read as it comes.
///
/// Not Foundation's `Process`: the pipe must end with this process, the program must stop when the pipe does, and a
/// read must be able to give up after a while.
package final class ChildProcess {
  /// What came, or did not.
  package enum Event {
    /// This many bytes lie at the start of the buffer.
    case output(Int)
    /// Nothing came within the time given.
    case silence
    /// The program has closed its output.
    case end
  }

  private var child: dn_child
  private var identifier: pid_t { child.identifier }
  /// Whether the programs that it starts are ended with it.
  private let leadsGroup: Bool
  private var wasEnded = false
  private var output: CInt { child.output }
  private var complaints: CInt { child.complaints }
  private var complaint: [UInt8] = []
  private var complaintsOpen = true

  /// Starts the program that `arguments[0]` names, looked up in the search path.
  ///
  /// Returns nil and the system's error number where it cannot be started.
  ///
  /// - Parameter leadsGroup: Whether the programs that it starts are ended with it, and all of them where this process is
  ///   killed.
  package static func start(
    _ arguments: [String], leadsGroup: Bool = false
  ) -> (process: ChildProcess?, errorNumber: CInt) {
    var words: [UnsafeMutablePointer<CChar>?] = arguments.map { strdup($0) }
    defer { for word in words { free(word) } }
    words.append(nil)
    var child = dn_child()
    let errorNumber = dn_child_start(words, leadsGroup ? 1 : 0, &child)
    return (errorNumber == 0 ? ChildProcess(child, leadsGroup) : nil, errorNumber)
  }

  private init(_ child: dn_child, _ leadsGroup: Bool) {
    self.child = child
    self.leadsGroup = leadsGroup
  }

  /// Ends the program where it still runs.
  deinit {
    close(output)
    close(complaints)
    end()
    _ = reap()
  }

  /// Ends the program, and those that it has started where it leads them.
  package func end() {
    guard identifier > 0 else { return }
    wasEnded = true
    kill(leadsGroup ? -identifier : identifier, SIGKILL)
  }

  /// Whether the program has ended; it may have closed its output long before.
  package func hasEnded() -> Bool {
    guard identifier > 0 else { return true }
    var found = siginfo_t()
    // It is left unburied, so that its number stays its own.
    return waitid(P_PID, id_t(identifier), &found, WEXITED | WNOHANG | WNOWAIT) == 0 && found.si_signo != 0
  }

  /// Waits for output, `milliseconds` at most.
  package func next(into buffer: UnsafeMutableRawBufferPointer, milliseconds: CInt) -> Event {
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
  package func finish() -> (status: CInt, complaint: String) {
    // What has left the group of a program that was ended may hold its complaints open for ever.
    while complaintsOpen, !wasEnded || hasComplaint(milliseconds: 100) { drainComplaints() }
    return (reap(), String(decoding: complaint, as: UTF8.self))
  }

  private func hasComplaint(milliseconds: CInt) -> Bool {
    var watched = pollfd(fd: complaints, events: Int16(POLLIN), revents: 0)
    return poll(&watched, 1, milliseconds) > 0
  }

  private func reap() -> CInt {
    guard identifier > 0 else { return 0 }
    // Before the program's number can become another's.
    dn_child_release(&child)
    var status: CInt = 0
    while waitpid(identifier, &status, 0) < 0 && errno == EINTR {}
    child.identifier = 0
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
