import DescentTensors
import Foundation

/// Lines along which a field has one value, by marching squares.
enum Contours {
  /// The lines of a level, in units of columns and rows from the first number.
  ///
  /// In a square of four neighbors the line is straight between the sides that it crosses, where the field is linear. A
  /// square whose opposite corners lie on one side is cut by the mean of the four. Squares with a number that cannot be
  /// drawn are left out.
  ///
  /// - Complexity: O(numbers).
  static func lines(of grid: Grid, at level: Double) -> [[Point]] {
    guard grid.rows > 1, grid.columns > 1, level.isDrawable else { return [] }
    var tracer = Tracer(grid: grid, level: level)
    for row in 0..<(grid.rows - 1) {
      for column in 0..<(grid.columns - 1) { tracer.cut(row, column) }
    }
    return tracer.joined()
  }

  /// Pieces of lines, each between two sides of squares, which neighbors share.
  private struct Tracer {
    let grid: Grid
    let level: Double
    private var pieces: [(Int, Int)] = []
    private var piecesAtSide: [Int: [Int]] = [:]

    init(grid: Grid, level: Double) {
      self.grid = grid
      self.level = level
    }

    /// Sides by number: those along a row first, then those along a column.
    private func level(_ row: Int, _ column: Int) -> Int { row * grid.columns + column }
    private func upright(_ row: Int, _ column: Int) -> Int { (grid.rows + row) * grid.columns + column }

    mutating func cut(_ row: Int, _ column: Int) {
      let corners = [
        grid[row, column], grid[row, column + 1], grid[row + 1, column + 1], grid[row + 1, column],
      ]
      guard corners.allSatisfy(\.isDrawable) else { return }
      let above = corners.map { $0 >= level }
      // The sides in the order of the corners: each lies between a corner and the next.
      let sides = [level(row, column), upright(row, column + 1), level(row + 1, column), upright(row, column)]
      let crossed = (0..<4).filter { above[$0] != above[($0 + 1) % 4] }
      switch crossed.count {
      case 2: add(sides[crossed[0]], sides[crossed[1]])
      case 4:
        let mean = corners.reduce(0) { $0 + $1 / 4 }
        // The corners on the mean's side are joined; the lines cut off the two others.
        let first = (mean >= level) == above[0] ? 1 : 0
        for corner in [first, first + 2] { add(sides[(corner + 3) % 4], sides[corner]) }
      default: break
      }
    }

    private mutating func add(_ first: Int, _ second: Int) {
      piecesAtSide[first, default: []].append(pieces.count)
      piecesAtSide[second, default: []].append(pieces.count)
      pieces.append((first, second))
    }

    /// Where the line crosses a side.
    private func place(_ side: Int) -> Point {
      let isUpright = side >= grid.rows * grid.columns
      let number = isUpright ? side - grid.rows * grid.columns : side
      let (row, column) = number.quotientAndRemainder(dividingBy: grid.columns)
      let start = grid[row, column]
      let end = isUpright ? grid[row + 1, column] : grid[row, column + 1]
      let share = (level - start) / (end - start)
      return Point(x: Double(column) + (isUpright ? 0 : share), y: Double(row) + (isUpright ? share : 0))
    }

    /// The pieces as long lines: first those that end at an edge, then the closed ones.
    func joined() -> [[Point]] {
      var isUsed = [Bool](repeating: false, count: pieces.count)
      var lines: [[Point]] = []
      func follow(from piece: Int, _ side: Int) {
        var line = [place(side)]
        var (piece, side) = (piece, side)
        while true {
          isUsed[piece] = true
          side = pieces[piece].0 == side ? pieces[piece].1 : pieces[piece].0
          line.append(place(side))
          guard let next = piecesAtSide[side]?.first(where: { !isUsed[$0] }) else { break }
          piece = next
        }
        lines.append(line)
      }
      for (index, piece) in pieces.enumerated() {
        for side in [piece.0, piece.1] where !isUsed[index] && piecesAtSide[side]?.count == 1 {
          follow(from: index, side)
        }
      }
      for (index, piece) in pieces.enumerated() where !isUsed[index] { follow(from: index, piece.0) }
      return lines
    }
  }
}

extension Chart {
  /// Which levels of a field are drawn as lines.
  public enum Levels: Sendable, Hashable {
    /// So many, as many numbers between neighbors: they show a narrow valley that high walls surround.
    case quantiles(Int)
    /// So many, in equal steps between the least and the largest number.
    case even(Int)
    /// So many, in equal ratios between the least number above zero and the largest.
    case logarithmic(Int)
    /// These.
    case values([Double])

    /// The levels for numbers.
    func levels(of values: [Double]) throws -> [Double] {
      func checked(_ count: Int) throws -> Int {
        guard (1...1000).contains(count) else {
          throw TensorError("contours", "\(count) levels, where 1 to 1000 are possible")
        }
        return count
      }
      switch self {
      case .values(let levels): return levels.filter(\.isDrawable)
      case .quantiles(let count):
        let count = try checked(count)
        let sorted = values.filter(\.isDrawable).sorted()
        guard let last = sorted.indices.last else { return [] }
        return (1...count).map { sorted[last * $0 / (count + 1)] }
      case .even(let count):
        let count = try checked(count)
        let drawn = values.lazy.filter(\.isDrawable)
        guard let low = drawn.min(), let high = drawn.max(), low < high else { return [] }
        return (1...count).map { low + (high - low) * Double($0) / Double(count + 1) }
      case .logarithmic(let count):
        let count = try checked(count)
        let drawn = values.lazy.filter { $0.isDrawable && $0 > 0 }
        guard let low = drawn.min(), let high = drawn.max(), low < high else { return [] }
        let (start, end) = (Foundation.log(low), Foundation.log(high))
        return (1...count).map { Foundation.exp(start + (end - start) * Double($0) / Double(count + 1)) }
      }
    }
  }
}
