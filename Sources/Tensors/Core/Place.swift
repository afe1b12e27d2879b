import DescentGraph
import Foundation
import Runtime

/// A place in the user's program, found only when somebody asks for it.
///
/// Making one walks the stack, which costs about as much as twenty recorded operations; it happens when a mistake
/// is made, never before. Names and lines are looked up on first reading.
///
/// The stack holds who waits for an answer. Optimized code jumps into the last call of a function in place of waiting for
/// it, so that such a function is not among them, and its caller is found in its place.
public final class Place: Sendable, CustomStringConvertible {
  /// One frame each, from the innermost on: looking a line up takes time that grows with the program, and so each frame
  /// is looked up by itself, until one is the user's.
  private let frames: [Backtrace]
  private let found = Guarded<String??>(nil)

  /// Remembers where the program is now.
  public init() {
    var frames: [Backtrace] = []
    for depth in 0..<64 {
      // The second element only says that more frames follow.
      guard
        let frame = try? Backtrace.capture(algorithm: .fast, limit: 2, offset: depth, top: 0, images: Self.images),
        Self.address(of: frame) != nil
      else { break }
      frames.append(frame)
    }
    self.frames = frames
  }

  /// The place of calls that were under way once, by where they go on, from the innermost on.
  init(addresses: [UInt]) { frames = addresses.compactMap(Self.frame) }

  /// The place of the call that recorded a node; `nil` where it is not known.
  package static func recording(_ provenance: Provenance) -> Place? { CallTable.shared.place(of: provenance.call) }

  /// The frame of a call that goes on at an address.
  ///
  /// The `Runtime` module makes frames by walking the stack and by decoding what it has encoded, and this is the latter: a
  /// header for addresses of 64 bits, one return address of eight bytes, and the end. `nil` where a version of the module
  /// reads something else from it.
  private static func frame(_ address: UInt) -> Backtrace? {
    let bytes = (0..<8).map { UInt8(truncatingIfNeeded: UInt64(address) >> (56 - 8 * $0)) }
    let text =
      "{\"architecture\":\"\(architecture)\",\"backtrace\":\"\(Data([2, 0x27] + bytes + [0]).base64EncodedString())\"}"
    guard let frame = try? JSONDecoder().decode(Backtrace.self, from: Data(text.utf8)),
      self.address(of: frame) == Backtrace.Address(UInt64(address))
    else { return nil }
    return frame
  }

  private static let architecture = (try? Backtrace.capture(algorithm: .fast, limit: 1))?.architecture ?? ""

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
  private func lookUp() -> String? { frames.lazy.compactMap { Self.userLine(in: $0) }.first }

  /// The loaded files of the program; listing them takes longer than walking the stack.
  private static let images = ImageMap.capture()

  /// The line of each address that was looked up, `nil` where it is not the user's.
  private static let lines = Guarded<[Backtrace.Address: String?]>([:])

  /// Where the code of a frame lies, `nil` beyond the end of the stack.
  private static func address(of frame: Backtrace) -> Backtrace.Address? {
    for case .returnAddress(let address) in frame.frames { return address }
    return nil
  }

  private static func userLine(in frame: Backtrace) -> String? {
    guard let address = address(of: frame) else { return nil }
    if let known = lines.withLock({ $0[address] }) { return known }
    let line = (frame.symbolicated(with: frame.images ?? images)?.frames ?? []).lazy.compactMap { userLine(of: $0) }
      .first
    lines.withLock { $0[address] = .some(line) }
    return line
  }

  private static func userLine(of frame: SymbolicatedBacktrace.Frame) -> String? {
    guard let location = frame.symbol?.sourceLocation, location.line > 0, !location.path.isEmpty else { return nil }
    let file = location.path.split(separator: "/").last.map(String.init) ?? location.path
    // What the compiler writes, for itself or for a macro, is not a place that the user knows.
    if isOwn(location.path) || file == "<compiler-generated>" || file.hasPrefix("@__swiftmacro_") { return nil }
    return "\(file):\(location.line)"
  }

  /// The folder that holds the library's floors, as the compiler saw it.
  private static let sources: String = {
    let parts = #filePath.split(separator: "/", omittingEmptySubsequences: false)
    return parts.dropLast(3).joined(separator: "/") + "/"
  }()

  /// The floors whose frames are the library's, not the user's.
  private static let floors = [
    "Types", "Files", "Graph", "Differentiation", "Compiler", "CPU", "Reference", "Backends", "Tensors", "Layers",
    "Optimizers", "Training", "Data", "Explaining", "Descent",
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
