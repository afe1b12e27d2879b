import Foundation

/// What is known of the terminal that a stream goes to.
package enum Terminal {
  /// How many characters fit into a line of the terminal of a file descriptor; nil where there is none.
  package static func columns(of descriptor: CInt) -> Int? {
    var size = winsize()
    guard isatty(descriptor) == 1, ioctl(descriptor, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return nil }
    return Int(size.ws_col)
  }

  /// Whether a file descriptor leads to a terminal whose user wants color, unless NO_COLOR (no-color.org) asks for none.
  package static func showsColor(_ descriptor: CInt) -> Bool {
    let environment = ProcessInfo.processInfo.environment
    return isatty(descriptor) == 1 && (environment["NO_COLOR"] ?? "").isEmpty && environment["TERM"] != "dumb"
  }
}
