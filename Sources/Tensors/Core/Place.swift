import DescentGraph
import Runtime

/// A place in the user's program, found only when somebody asks for it.
///
/// Making one walks the stack, which costs about as much as a hundred recorded operations; it happens when a mistake is
/// made, never before. Names and lines are looked up on first reading.
public final class Place: Sendable, CustomStringConvertible {
  private let backtrace: Backtrace?
  private let found = Guarded<String??>(nil)

  /// Remembers where the program is now.
  public init() { backtrace = try? Backtrace.capture(algorithm: .fast, limit: 64, top: 0) }

  /// The user's file and line, such as `main.swift:12`, or `nil` where the program carries no debugging information.
  public var fileAndLine: String? {
    found.withLock { found in
      if let known = found { return known }
      let place = lookUp()
      found = .some(place)
      return place
    }
  }

  public var description: String { fileAndLine ?? "an unknown place" }

  /// The innermost frame that is not Descent's own: the line that the user wrote.
  private func lookUp() -> String? {
    guard let frames = backtrace?.symbolicated()?.frames else { return nil }
    for frame in frames {
      guard let location = frame.symbol?.sourceLocation, location.line > 0, !location.path.isEmpty else { continue }
      let file = location.path.split(separator: "/").last.map(String.init) ?? location.path
      // What the compiler writes, for itself or for a macro, is not a place that the user knows.
      if Self.isOwn(location.path) || file == "<compiler-generated>" || file.hasPrefix("@__swiftmacro_") { continue }
      return "\(file):\(location.line)"
    }
    return nil
  }

  /// The folder that holds the library's floors, as the compiler saw it.
  private static let sources: String = {
    let parts = #filePath.split(separator: "/", omittingEmptySubsequences: false)
    return parts.dropLast(3).joined(separator: "/") + "/"
  }()

  /// The floors whose frames are the library's, not the user's.
  private static let floors = [
    "Graph", "Differentiation", "Compiler", "CPU", "Tensors", "Layers", "Optimizers", "Training", "Data", "Explaining",
    "Descent",
  ]

  private static func isOwn(_ path: String) -> Bool {
    let parts = path.split(separator: "/")
    guard let place = parts.lastIndex(of: "Sources"), place + 1 < parts.count, floors.contains(String(parts[place + 1]))
    else { return false }
    let folder = parts[...place].joined(separator: "/") + "/"
    // Inlined frames name their file from the folder in which the compiler ran.
    return path.hasPrefix("/") ? "/" + folder == sources : sources.hasSuffix("/" + folder)
  }
}
