import DescentAgents
import DescentTensors
import Foundation
import Testing

/// Transitions of the reference, to 12 digits: Gymnasium's equations evaluated in Float64.
@Suite struct ClassicControlTests {
  private func number(_ value: Double) -> Tensor { Tensor(value, .float64) }

  /// What follows from a state by each of several actions, `[steps, …]`.
  private func path<Base: Environment>(_ environment: Base, _ start: Base.State, _ actions: Tensor) throws -> Path {
    let walk = compiled { (start: Base.State, actions: Tensor) in
      try scan(over: actions, from: start) { state, action in
        let transition = try environment.step(state, action, key: RandomKey(seed: 0))
        return (
          transition.state,
          Path(observations: try environment.observation(of: transition.state), rewards: transition.reward)
        )
      }.outputs
    }
    return try walk(start, actions)
  }

  private struct Path: Codable {
    let observations: Tensor
    let rewards: Tensor
  }

  private func expectClose(_ a: [Double], _ b: [Double], _ tolerance: Double = 1e-14) {
    #expect(a.count == b.count)
    for (x, y) in zip(a, b) { #expect(abs(x - y) <= tolerance * max(1, abs(y)), "\(x) is not \(y)") }
  }

  /// The number of steps that a policy lasts from a state, at most 600.
  private func steps<Base: Environment>(
    _ environment: Base, from start: Base.State, _ policy: @escaping @Sendable (Base.State) -> Tensor
  ) throws -> Int {
    let count = compiled { (start: Base.State) in
      try whileLoop(from: start, Tensor(integers: [0], shape: [])) { state, count in
        try (count .< 600) .& .!isOver(environment, state, policy(state))
      } do: { state, count in
        (try environment.step(state, policy(state), key: RandomKey(seed: 0)).state, count + 1)
      }.1
    }
    return try count(start).integers()[0] + 1
  }

  private func isOver<Base: Environment>(
    _ environment: Base, _ state: Base.State, _ action: Tensor
  ) throws -> Tensor {
    try environment.step(state, action, key: RandomKey(seed: 0)).terminated
  }

  private var upright: CartPole.State {
    CartPole.State(position: number(0), velocity: number(0), angle: number(0), angularVelocity: number(0))
  }

  @Test func cartPoleFollowsTheReference() throws {
    let seen = try path(CartPole(elementType: .float64), upright, Tensor(integers: [1, 1, 1]))
    expectClose(
      try seen.observations.scalars(),
      [
        0, 0.195121951219512, 0, -0.292682926829268,
        0.00390243902439024, 0.390243902439024, -0.00585365853658537, -0.585365853658537,
        0.0117073170731707, 0.585447355516259, -0.0175609756097561, -0.879886982538855,
      ])
    #expect(try seen.rewards.scalars() == [1, 1, 1])
  }

  @Test func cartPoleEpisodesHaveTheLengthsOfTheReference() throws {
    let cart = CartPole(elementType: .float64)
    let zero = Tensor(integers: [0], shape: [])
    #expect(try steps(cart, from: upright) { _ in zero } == 9)
    #expect(try steps(cart, from: upright) { ($0.angle .> 0).converted(to: .int32) } == 56)
    #expect(try steps(cart, from: upright) { ($0.angularVelocity .> 0).converted(to: .int32) } == 248)
    #expect(try steps(cart, from: upright) { ($0.angle + $0.angularVelocity .> 0).converted(to: .int32) } >= 500)
  }

  @Test func pendulumFollowsTheReference() throws {
    let pendulum = Pendulum(elementType: .float64)
    let start = Pendulum.State(angle: number(.pi), angularVelocity: number(0))
    let pushed = try path(pendulum, start, Tensor(repeating: 2, shape: [3, 1]))
    let angle = 3.22880183712213
    expectClose(
      try pushed.observations[-1].scalars(), [Foundation.cos(angle), Foundation.sin(angle), 0.85543324877646])
    expectClose([try pushed.rewards.sum().item()], [-29.293218643244], 1e-13)
    let hanging = try path(pendulum, start, Tensor(zeros: [200, 1]))
    expectClose([try hanging.rewards.sum().item()], [-1973.920880218], 1e-12)
  }

  @Test func mountainCarFollowsTheReference() throws {
    let car = MountainCar(elementType: .float64)
    let start = MountainCarState(position: number(-0.5), velocity: number(0))
    let pushed = try path(car, start, Tensor(integers: [2, 2, 2]))
    expectClose(try pushed.observations[-1].scalars(), [-0.495091796932347, 0.00244488974700586])
    #expect(try pushed.rewards.scalars() == [-1, -1, -1])
    // With the velocity, to the right where there is none.
    #expect(try steps(car, from: start) { 2 * ($0.velocity .>= 0).converted(to: .int32) } == 124)
    let wall = car.step(
      MountainCarState(position: number(-1.19), velocity: number(-0.05)), Tensor(integers: [0], shape: []),
      key: RandomKey(seed: 0))
    #expect(try car.observation(of: wall.state).scalars() == [-1.2, 0])
  }

  /// The states are those of Gymnasium 1.4.0, which rounds them to float32.
  @Test func continuousMountainCarFollowsGymnasium() throws {
    let car = MountainCarContinuous(elementType: .float64)
    let start = MountainCarState(position: number(-0.5), velocity: number(0))
    let pushed = try path(car, start, Tensor([1, -0.5, 0.25], shape: [3, 1], .float64))
    expectClose(
      try pushed.observations.scalars(),
      [
        -0.4986768364906311, 0.0013231569901108742, -0.49829041957855225, 0.00038641667924821377,
        -0.4977186322212219, 0.0005717863095924258,
      ], 1e-7)
    expectClose(try pushed.rewards.scalars(), [-0.1, -0.025, -0.00625])
    let top = MountainCarState(position: number(0.449), velocity: number(0.05))
    let last = car.step(top, Tensor([1.0]), key: RandomKey(seed: 0))
    #expect(try last.reward.item() == 99.9)
    #expect(try last.terminated.item() == 1)
  }

  @Test func acrobotFollowsTheReference() throws {
    let acrobot = Acrobot(elementType: .float64)
    let hanging = Acrobot.State(
      first: number(0), second: number(0), firstVelocity: number(0), secondVelocity: number(0))
    let walk = compiled { (start: Acrobot.State) in
      try scan(length: 3, from: start) { state, _ in
        (
          acrobot.step(state, Tensor(integers: [2], shape: []), key: RandomKey(seed: 0)).state, Tensor(0)
        )
      }.state
    }
    let last = try walk(hanging)
    let found = [last.first, last.second, last.firstVelocity, last.secondVelocity]
    expectClose(
      try found.map { try $0.item() }, [-0.093513909018, 0.253592412261, -0.223737034613, 0.656722123078], 1e-12)
    let length = try steps(acrobot, from: hanging) { 2 * ($0.secondVelocity .>= 0).converted(to: .int32) }
    #expect(length == 73)
    #expect(acrobot.observation(of: last).shape == acrobot.observationSpace.shape)
  }

  @Test func otherElementTypesStayWithinTheirDigits() throws {
    for (cart, type) in [(CartPole(), Tensor(0).elementType), (CartPole(elementType: .bfloat16), .bfloat16)] {
      let zero = Tensor(0, type)
      let start = CartPole.State(position: zero, velocity: zero, angle: zero, angularVelocity: zero)
      let seen = try path(cart, start, Tensor(integers: [1]))
      #expect(seen.observations.elementType == type)
      expectClose(try seen.observations[0].scalars(), [0, 0.195121951219512, 0, -0.292682926829268], 2e-3)
    }
  }
}
