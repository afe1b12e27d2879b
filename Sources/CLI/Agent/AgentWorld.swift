import ArgumentParser
import Descent

/// An environment by its name on the command line.
struct AgentWorld: Sendable {
  let name: String
  let summary: String
  /// How many steps a training takes unless told otherwise.
  let steps: Int
  /// How numbers become cells of a table.
  let coding: TileCoding?
  let make: @Sendable () throws -> any DrawnEnvironment

  init(
    _ name: String, _ summary: String, steps: Int = 50_000, coding: TileCoding? = nil,
    _ make: @escaping @Sendable () throws -> any DrawnEnvironment
  ) {
    (self.name, self.summary, self.steps, self.coding, self.make) = (name, summary, steps, coding, make)
  }

  static let all: [AgentWorld] = [
    AgentWorld("cartpole", "a pole on a cart is kept upright", steps: 100_000) { CartPole() },
    AgentWorld(
      "mountaincar", "a car swings itself out of a valley", steps: 150_000,
      coding: TileCoding(low: [-1.2, -0.07], high: [0.6, 0.07])
    ) { MountainCar() },
    AgentWorld("mountaincar-continuous", "the same with a force that is a number") { MountainCarContinuous() },
    AgentWorld("pendulum", "a pendulum is swung up and held upright", steps: 20_000) { Pendulum() },
    AgentWorld("acrobot", "two links are swung up by the joint between them", steps: 500_000) { Acrobot() },
    AgentWorld("gridworld", "a grid with a goal, a trap and a wall") { try GridWorld() },
    AgentWorld("frozenlake", "a slippery lake with holes", steps: 200_000) { try FrozenLake() },
    AgentWorld("frozenlake-8x8", "a larger lake", steps: 500_000) { try FrozenLake(map: FrozenLake.large) },
    AgentWorld("cliffwalking", "a walk along the edge of a cliff") { CliffWalking().limited(to: 1000) },
    AgentWorld("taxi", "a passenger is fetched and brought", steps: 300_000) { Taxi() },
    AgentWorld("bandit", "ten arms to pull, other ones in each episode") { Bandit(stepLimit: 1000) },
    AgentWorld("identity", "the number that is seen is the right action", steps: 5_000) { IdentityEnvironment() },
    AgentWorld("identity-continuous", "the same with numbers from −1 to 1", steps: 5_000) {
      ContinuousIdentityEnvironment()
    },
  ]

  /// The environment of a name.
  static func named(_ name: String) throws -> AgentWorld {
    if let world = all.first(where: { $0.name == name }) { return world }
    let hint = nearestName(to: name, among: all.map(\.name)).map { "did you mean '\($0)'?" }
    throw ValidationError(
      "there is no environment '\(name)'; \(hint ?? "there are \(all.map(\.name).joined(separator: ", "))")")
  }
}
