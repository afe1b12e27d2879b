import DescentData
import DescentFiles
import DescentGraph
import DescentPlotting
import Foundation

/// A drawing that could not be made, and what helps.
public struct DrawingError: DescentError {
  /// The program that draws.
  public let subject = "dot"
  /// What is wrong.
  public let message: String

  init(_ message: String) { self.message = message }
}

/// Where Graphviz `dot` puts the boxes and lines of a graph, in points from the upper left corner.
struct Layout {
  /// A box to be placed.
  struct Box {
    var width: Double
    var height: Double
  }

  /// A line to be drawn between boxes, with room for a label.
  struct Line {
    var from: Int
    var to: Int
    var label: Box?
  }

  /// The size of the whole.
  private(set) var width = 0.0
  private(set) var height = 0.0
  /// The center of each box.
  private(set) var centers: [Point] = []
  /// For each line, the control points of its cubic Bézier curves, and the center of its label.
  private(set) var curves: [(points: [Point], label: Point?)] = []

  /// Asks `dot`, left to right.
  ///
  /// - Throws: `DrawingError` where `dot` is missing or fails, `FileError` where it cannot be handed its input.
  init(_ boxes: [Box], _ lines: [Line]) throws {
    let answer = try Graphviz.layout(Self.description(boxes, lines))
    let bounds = Self.numbers(answer.bb)
    guard bounds.count == 4 else { throw DrawingError("gave a drawing without a size") }
    (width, height) = (bounds[2], bounds[3])
    centers = boxes.map { _ in Point(x: 0, y: 0) }
    for object in answer.objects ?? [] {
      guard let index = Int(object.name.dropFirst()), let pos = object.pos, centers.indices.contains(index) else {
        continue
      }
      centers[index] = point(Self.numbers(pos))
    }
    curves = lines.map { _ in ([], nil) }
    for edge in answer.edges ?? [] {
      guard let index = edge.number.flatMap(Int.init), curves.indices.contains(index) else { continue }
      // `e,x,y` in front is where the arrow ends.
      var words = (edge.pos ?? "").split(separator: " ").map(String.init)
      var tip: Point?
      if let first = words.first, first.hasPrefix("e,") {
        tip = point(Self.numbers(String(first.dropFirst(2))))
        words.removeFirst()
      }
      let points = words.map { point(Self.numbers($0)) } + (tip.map { [$0] } ?? [])
      curves[index] = (points, edge.lp.map { point(Self.numbers($0)) })
    }
  }

  /// `dot` counts upwards from the lower left corner.
  private func point(_ numbers: [Double]) -> Point {
    numbers.count >= 2 ? Point(x: numbers[0], y: height - numbers[1]) : Point(x: 0, y: 0)
  }

  private static func numbers(_ text: String) -> [Double] { text.split(separator: ",").compactMap { Double($0) } }

  private static func description(_ boxes: [Box], _ lines: [Line]) -> String {
    var text = "digraph g {\n  rankdir=LR; nodesep=0.35; ranksep=0.3; node [shape=box, fixedsize=true, label=\"\"];\n"
    for (index, box) in boxes.enumerated() {
      text += "  n\(index) [width=\(box.width / 72), height=\(box.height / 72)];\n"
    }
    for (index, line) in lines.enumerated() {
      var label = ""
      if let box = line.label {
        label =
          ", label=<<table border=\"0\" fixedsize=\"true\" width=\"\(Int(box.width))\" height=\"\(Int(box.height))\">"
          + "<tr><td></td></tr></table>>"
      }
      text += "  n\(line.from) -> n\(line.to) [number=\(index), arrowsize=0.6\(label)];\n"
    }
    return text + "}\n"
  }
}

/// The program `dot`.
package enum Graphviz {
  struct Answer: Decodable {
    struct Object: Decodable {
      var name: String
      var pos: String?
    }
    struct Edge: Decodable {
      var number: String?
      var pos: String?
      var lp: String?
    }
    var bb: String
    var objects: [Object]?
    var edges: [Edge]?
  }

  /// What to do where `dot` is missing.
  package static let advice =
    "not found in PATH; install Graphviz (Debian: sudo apt-get install graphviz)."
    + " Text and JSON need no dot"

  /// The version of the `dot` that is found, `nil` where there is none.
  package static var version: String? {
    // `dot -V` speaks to standard error.
    guard let (_, complaint) = try? run(["dot", "-V"]) else { return nil }
    return complaint.split(separator: " ").first { $0.first?.isNumber == true }.map(String.init) ?? "of unknown version"
  }

  static func layout(_ description: String) throws -> Answer {
    let file: TemporaryFile
    do throws(FileError) { file = try TemporaryFile(description.utf8, suffix: ".dot") } catch {
      throw DrawingError("cannot be given its input: \(error)")
    }
    defer { withExtendedLifetime(file) {} }
    let (output, _) = try run(["dot", "-Tjson", file.path])
    do { return try JSONDecoder().decode(Answer.self, from: output) } catch {
      throw DrawingError("gave a layout that cannot be read; is it older than version 2.40?")
    }
  }

  /// The time that a program may take without a sign of life, in milliseconds.
  private static var patience: CInt { 60_000 }

  private static func run(_ arguments: [String]) throws -> (output: Data, complaint: String) {
    let (started, errorNumber) = ChildProcess.start(arguments)
    guard let child = started else {
      throw DrawingError(
        errorNumber == ENOENT ? advice : "cannot be started: \(String(cString: strerror(errorNumber)))")
    }
    var output = Data()
    var isOpen = true
    try withUnsafeTemporaryAllocation(byteCount: 1 << 16, alignment: 1) { buffer in
      var waited: CInt = 0
      while isOpen {
        switch child.next(into: buffer, milliseconds: 1000) {
        case .output(let count):
          output.append(contentsOf: buffer[..<count])
          waited = 0
        case .silence:
          waited += 1000
          if waited > patience {
            throw DrawingError("did not answer for a minute; the graph is too large to draw")
          }
        case .end: isOpen = false
        }
      }
    }
    let (status, complaint) = child.finish()
    guard status == 0 else {
      throw DrawingError("failed with status \(status): \(complaint.split(separator: "\n").first ?? "")")
    }
    return (output, complaint)
  }
}
