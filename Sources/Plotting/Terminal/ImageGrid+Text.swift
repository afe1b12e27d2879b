import DescentFiles
import DescentTypes
import Foundation

extension ImageGrid: CustomStringConvertible {
  /// The pictures as text for a terminal: with color two pixels to a character, without in shades of ink.
  ///
  /// - Parameters:
  ///   - width: The columns that the text may take, at least 20. Pictures are shrunk where they do not fit.
  ///   - color: Whether the terminal shows 24-bit colors.
  /// - Throws: `TensorError` like ``svg(style:)``.
  public func text(width: Int = 80, color: Bool = false) throws -> String {
    let (pictures, wanted) = try checked()
    let room = min(max(width, 20), 1_000)
    var lines = title.isEmpty ? [] : [Paint(isOn: color).bold(title.onOneLine.cut(to: room))]
    guard pictures.count > 0 else { return lines.map { $0 + "\n" }.joined() }
    // At least eight characters to a picture, so that something can be seen of it.
    let columns = max(min(wanted, (room + 1) / 9), 1)
    let across = max(min((room + 1) / columns - 1, pictures.width), 1)
    let down = max(pictures.height * across / max(pictures.width, 1), 1)
    let bytes = pictures.bytes(contrast)
    for first in stride(from: 0, to: pictures.count, by: columns) {
      let row = first..<min(first + columns, pictures.count)
      let drawn = row.map { index in
        color ? colored(pictures, bytes[index], across, down) : shaded(pictures, bytes[index], across, down)
      }
      for line in 0..<(drawn.first?.count ?? 0) { lines.append(drawn.map { $0[line] }.joined(separator: " ")) }
      let names = row.map { index in
        (index < labels.count ? labels[index].onOneLine.cut(to: across) : "").padded(to: across)
      }.joined(separator: " ").trimmingEnd()
      if !labels.isEmpty { lines.append(names) }
    }
    return lines.map { $0 + "\n" }.joined()
  }

  /// The pictures as text, as wide as the terminal that standard output leads to, and in color there; otherwise 80
  /// columns, plain.
  public var description: String {
    do {
      return try text(
        width: Terminal.columns(of: STDOUT_FILENO) ?? 80, color: Terminal.showsColor(STDOUT_FILENO))
    } catch { return "ImageGrid(error: \(error))" }
  }

  private func colored(_ pictures: Pictures, _ bytes: [UInt8], _ across: Int, _ down: Int) -> [String] {
    let columns = CellText.places(across, of: pictures.width)
    let rows = CellText.places(down, of: pictures.height).map { y in
      columns.map { x in
        let at = (y * pictures.width + x) * pictures.channels
        var color = RGB(0)
        (color.red, color.green, color.blue) =
          pictures.channels == 3 ? (bytes[at], bytes[at + 1], bytes[at + 2]) : (bytes[at], bytes[at], bytes[at])
        return color
      }
    }
    return CellText.halfBlocks(rows)
  }

  /// Characters are twice as high as wide.
  private func shaded(_ pictures: Pictures, _ bytes: [UInt8], _ across: Int, _ down: Int) -> [String] {
    let columns = CellText.places(across, of: pictures.width)
    let rows = CellText.places(max(down / 2, 1), of: pictures.height).map { y in
      columns.map { x in
        let at = (y * pictures.width + x) * pictures.channels
        let sum = bytes[at..<at + pictures.channels].reduce(0) { $0 + Int($1) }
        return Double(sum) / Double(255 * pictures.channels)
      }
    }
    return CellText.shaded(rows)
  }
}
