import DescentTensors

private typealias Point = EnvironmentDrawing.Point

extension EnvironmentDrawing {
  /// The fields of a map in their colors.
  fileprivate init(_ map: [String], _ color: (Character) -> Color) {
    self.init(width: Double(map.first?.count ?? 1), height: Double(map.count))
    for (row, line) in map.enumerated() {
      for (column, sign) in line.enumerated() {
        addRectangle(x: Double(column) + 0.03, y: Double(row) + 0.03, width: 0.94, height: 0.94, color(sign))
      }
    }
  }

  /// Somebody on a field.
  fileprivate mutating func addAgent(at place: Int, columns: Int) {
    let center = Point(Double(place % columns) + 0.5, Double(place / columns) + 0.5)
    shapes.append(.circle(center, radius: 0.3, .ink))
    shapes.append(.circle(center, radius: 0.22, .yellow))
  }
}

extension GridWorld: DrawnEnvironment {
  /// The grid: walls gray, goals green, traps red.
  public func drawing(of state: FiniteState) throws -> EnvironmentDrawing {
    var drawing = EnvironmentDrawing(map) { sign in
      sign == "#" ? .gray : sign == "G" ? .green : sign == "T" ? .red : .pale
    }
    drawing.addAgent(at: try state.number.integers()[0], columns: map.first?.count ?? 1)
    return drawing
  }
}

extension FrozenLake: DrawnEnvironment {
  /// The lake: holes blue, the goal green.
  public func drawing(of state: FiniteState) throws -> EnvironmentDrawing {
    var drawing = EnvironmentDrawing(map) { $0 == "H" ? .blue : $0 == "G" ? .green : .pale }
    drawing.addAgent(at: try state.number.integers()[0], columns: map.first?.count ?? 1)
    return drawing
  }
}

extension CliffWalking: DrawnEnvironment {
  /// The cliff dark, the goal green.
  public func drawing(of state: FiniteState) throws -> EnvironmentDrawing {
    var drawing = EnvironmentDrawing(map) { $0 == "C" ? .ink : $0 == "G" ? .green : .pale }
    drawing.addAgent(at: try state.number.integers()[0], columns: map.first?.count ?? 1)
    return drawing
  }
}

extension Taxi: DrawnEnvironment {
  /// The town with its walls; the passenger waits as a dot, and the stand to go to has a frame. The taxi is green with a passenger in it.
  public func drawing(of state: FiniteState) throws -> EnvironmentDrawing {
    let place = Place(try state.number.integers()[0])
    var drawing = EnvironmentDrawing(width: 5, height: 5)
    let colors: [EnvironmentDrawing.Color] = [.red, .green, .yellow, .blue]
    for row in 0..<5 {
      for column in 0..<5 {
        let stand = Self.stands.firstIndex { $0 == (row, column) }
        let (x, y) = (Double(column) + 0.03, Double(row) + 0.03)
        if let stand, stand == place.goal { drawing.addRectangle(x: x, y: y, width: 0.94, height: 0.94, .ink) }
        let inset = stand == place.goal ? 0.08 : 0.0
        drawing.addRectangle(
          x: x + inset, y: y + inset, width: 0.94 - 2 * inset, height: 0.94 - 2 * inset,
          stand.map { colors[$0] } ?? .pale)
        if column < 4, Self.town[row][2 * column + 2] == "|" {
          let x = Double(column + 1)
          drawing.shapes.append(.line(Point(x, Double(row)), Point(x, Double(row + 1)), width: 0.08, .ink))
        }
      }
    }
    let taxi = Point(Double(place.column) + 0.5, Double(place.row) + 0.5)
    drawing.addRectangle(x: taxi.x - 0.3, y: taxi.y - 0.18, width: 0.6, height: 0.36, .ink)
    drawing.addRectangle(
      x: taxi.x - 0.25, y: taxi.y - 0.13, width: 0.5, height: 0.26, place.passenger == 4 ? .green : .paper)
    if place.passenger < 4 {
      let (row, column) = Self.stands[place.passenger]
      drawing.shapes.append(.circle(Point(Double(column) + 0.25, Double(row) + 0.25), radius: 0.12, .paper))
      drawing.shapes.append(.circle(Point(Double(column) + 0.25, Double(row) + 0.25), radius: 0.08, .ink))
    }
    return drawing
  }
}

extension Bandit: DrawnEnvironment {
  /// What each arm pays on average, as bars from −3 to 3.
  public func drawing(of state: State) throws -> EnvironmentDrawing {
    let means = try state.means.scalars()
    var drawing = EnvironmentDrawing(width: Double(max(means.count, 1)), height: 6)
    let best = means.max() ?? 0
    for (arm, mean) in means.enumerated() {
      let height = min(max(mean, -3), 3)
      drawing.addRectangle(
        x: Double(arm) + 0.1, y: 3 - max(height, 0), width: 0.8, height: abs(height), mean == best ? .green : .blue)
    }
    drawing.shapes.append(.line(Point(0, 3), Point(Double(means.count), 3), width: 0.04, .ink))
    return drawing
  }
}

extension IdentityEnvironment: DrawnEnvironment {
  /// The number to be repeated among all of them.
  public func drawing(of state: State) throws -> EnvironmentDrawing {
    let number = try state.number.integers()[0]
    var drawing = EnvironmentDrawing(width: Double(max(count, 1)), height: 1)
    for place in 0..<max(count, 1) {
      drawing.addRectangle(
        x: Double(place) + 0.05, y: 0.05, width: 0.9, height: 0.9, place == number ? .yellow : .pale)
    }
    return drawing
  }
}

extension ContinuousIdentityEnvironment: DrawnEnvironment {
  /// The numbers to be repeated, as bars from −1 to 1.
  public func drawing(of state: State) throws -> EnvironmentDrawing {
    let numbers = try state.numbers.scalars()
    var drawing = EnvironmentDrawing(width: Double(max(numbers.count, 1)), height: 2)
    for (place, value) in numbers.enumerated() {
      drawing.addRectangle(x: Double(place) + 0.1, y: 1 - max(value, 0), width: 0.8, height: abs(value), .blue)
    }
    drawing.shapes.append(.line(Point(0, 1), Point(Double(numbers.count), 1), width: 0.02, .ink))
    return drawing
  }
}
