import DescentTensors
import Foundation

/// An environment that can be seen.
public protocol DrawnEnvironment: Environment {
  /// What a state looks like.
  ///
  /// - Parameter state: The state of one environment, whose values are known.
  /// - Throws: `TensorError` that the state carries.
  func drawing(of state: State) throws -> EnvironmentDrawing
}

private typealias Point = EnvironmentDrawing.Point

extension CartPole: DrawnEnvironment {
  /// The cart on its track, with the pole.
  public func drawing(of state: State) throws -> EnvironmentDrawing {
    let (x, angle) = (try state.position.item(), try state.angle.item())
    var drawing = EnvironmentDrawing(width: 6, height: 3)
    drawing.shapes.append(.line(Point(0.6, 2.4), Point(5.4, 2.4), width: 0.03, .gray))
    for end in [0.6, 5.4] { drawing.shapes.append(.line(Point(end, 2.3), Point(end, 2.5), width: 0.03, .gray)) }
    let cart = Point(3 + x, 2.25)
    drawing.addRectangle(x: cart.x - 0.3, y: cart.y - 0.15, width: 0.6, height: 0.3, .ink)
    // The pole is drawn longer than it is, so that its angle can be seen.
    let tip = Point(cart.x + 1.5 * sin(angle), cart.y - 0.15 - 1.5 * cos(angle))
    drawing.shapes.append(.line(Point(cart.x, cart.y - 0.15), tip, width: 0.12, .yellow))
    drawing.shapes.append(.circle(Point(cart.x, cart.y - 0.15), radius: 0.07, .blue))
    return drawing
  }
}

extension Pendulum: DrawnEnvironment {
  /// The rod, upright when it points up.
  public func drawing(of state: State) throws -> EnvironmentDrawing {
    let angle = try state.angle.item()
    var drawing = EnvironmentDrawing(width: 3, height: 3)
    let (center, tip) = (Point(1.5, 1.5), Point(1.5 - 1.1 * sin(angle), 1.5 - 1.1 * cos(angle)))
    drawing.shapes.append(.line(Point(1.5, 0.15), Point(1.5, 0.3), width: 0.03, .pale))
    drawing.shapes.append(.line(center, tip, width: 0.2, .red))
    drawing.shapes.append(.circle(center, radius: 0.06, .ink))
    return drawing
  }
}

extension Acrobot: DrawnEnvironment {
  /// The two links, and the line above which the end is to be swung.
  public func drawing(of state: State) throws -> EnvironmentDrawing {
    let (first, second) = (try state.first.item(), try state.second.item())
    var drawing = EnvironmentDrawing(width: 5, height: 5)
    drawing.shapes.append(.line(Point(0.2, 1.5), Point(4.8, 1.5), width: 0.03, .green))
    let pivot = Point(2.5, 2.5)
    let elbow = Point(pivot.x + sin(first), pivot.y + cos(first))
    let end = Point(elbow.x + sin(first + second), elbow.y + cos(first + second))
    drawing.shapes.append(.line(pivot, elbow, width: 0.2, .blue))
    drawing.shapes.append(.line(elbow, end, width: 0.2, .red))
    for joint in [pivot, elbow] { drawing.shapes.append(.circle(joint, radius: 0.07, .yellow)) }
    return drawing
  }
}

extension MountainCarState {
  /// The car in its valley, with a flag where it is to arrive.
  fileprivate func drawing(goal: Double) throws -> EnvironmentDrawing {
    let place = try position.item()
    func height(_ x: Double) -> Double { 0.45 * sin(3 * x) + 0.55 }
    func point(_ x: Double, above: Double = 0) -> Point { Point(x + 1.2, 1.35 - height(x) - above) }
    var drawing = EnvironmentDrawing(width: 1.8, height: 1.4)
    let hill = stride(from: -1.2, through: 0.6, by: 0.02).map { point($0) }
    drawing.shapes.append(.polygon(hill + [Point(1.8, 1.4), Point(0, 1.4)], .pale))
    let (foot, top) = (point(goal), point(goal, above: 0.2))
    drawing.shapes.append(.line(foot, top, width: 0.012, .ink))
    drawing.shapes.append(.polygon([top, Point(top.x + 0.1, top.y + 0.03), Point(top.x, top.y + 0.06)], .green))
    let (center, slope) = (point(place, above: 0.04), atan(-1.35 * cos(3 * place)))
    let along = Point(cos(slope) * 0.06, sin(slope) * 0.06)
    let ends = (Point(center.x - along.x, center.y - along.y), Point(center.x + along.x, center.y + along.y))
    drawing.shapes.append(.line(ends.0, ends.1, width: 0.05, .red))
    for wheel in [ends.0, ends.1] {
      let across = Point(-sin(slope) * 0.02, cos(slope) * 0.02)
      drawing.shapes.append(.circle(Point(wheel.x + across.x, wheel.y + across.y), radius: 0.022, .ink))
    }
    return drawing
  }
}

extension MountainCar: DrawnEnvironment {
  /// The car in its valley.
  public func drawing(of state: MountainCarState) throws -> EnvironmentDrawing { try state.drawing(goal: 0.5) }
}

extension MountainCarContinuous: DrawnEnvironment {
  /// The car in its valley.
  public func drawing(of state: MountainCarState) throws -> EnvironmentDrawing { try state.drawing(goal: 0.45) }
}

extension LimitedEnvironment: DrawnEnvironment where Base: DrawnEnvironment {
  /// As inside.
  public func drawing(of state: Base.State) throws -> EnvironmentDrawing { try base.drawing(of: state) }
}

extension RescaledActions: DrawnEnvironment where Base: DrawnEnvironment {
  /// As inside.
  public func drawing(of state: Base.State) throws -> EnvironmentDrawing { try base.drawing(of: state) }
}

extension FrameStack: DrawnEnvironment where Base: DrawnEnvironment {
  /// As inside.
  public func drawing(of state: State) throws -> EnvironmentDrawing { try base.drawing(of: state.base) }
}
