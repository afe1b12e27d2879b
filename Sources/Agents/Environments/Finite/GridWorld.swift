import DescentGraph
import DescentTensors

/// A grid of fields, drawn as text, in which steps may slip to the side.
///
/// In the lines of the map, `S` is a field to begin in, `.` a free one, `#` a wall, `G` a goal and `T` a trap, both of which end the
/// episode. The actions are up (0), right (1), down (2) and left (3); who walks against a wall or the border stays. States are
/// numbered by rows. The map that stands when none is given is that of Russell and Norvig, "Artificial Intelligence", 1995, whose
/// steps cost 0.04 and slip to either side with a chance of 0.1.
public struct GridWorld: FiniteEnvironment {
  /// The lines of the map.
  public let map: [String]
  /// The number of steps after which an episode is truncated.
  public let stepLimit: Int?
  /// The states, the actions and the chances.
  public let process: FiniteProcess

  /// Makes a grid.
  ///
  /// - Parameters:
  ///   - map: The lines, all of one length, with at least one field to begin in.
  ///   - slip: The chance of going to the left of where one wants to, and as much to the right: at most 0.5.
  ///   - stepReward: The reward of every step.
  ///   - goalReward: What a step onto a goal gives in addition.
  ///   - trapReward: What a step into a trap gives in addition.
  ///   - stepLimit: The number of steps after which an episode is truncated.
  /// - Throws: `TensorError` where the lines differ in length, hold another sign, or have nowhere to begin.
  public init(
    map: [String] = ["...G", ".#.T", "S..."], slip: Double = 0.1, stepReward: Double = -0.04, goalReward: Double = 1,
    trapReward: Double = -1, stepLimit: Int? = 100
  ) throws {
    let fields = try GridMap(map, of: "GridWorld", signs: "S.#GT")
    guard slip >= 0, slip <= 0.5 else {
      throw TensorError(
        "GridWorld", "steps that slip to each side with a chance of \(slip), which is not from 0 to 0.5")
    }
    (self.map, self.stepLimit) = (map, stepLimit)
    process = fields.process(ends: "GT") { place, action in
      [(action, 1 - 2 * slip), ((action + 3) % 4, slip), ((action + 1) % 4, slip)].filter { $0.1 > 0 }.map {
        turn, chance in
        let next = fields.moved(from: place, GridMap.compass[turn], walls: "#")
        let sign = fields[next]
        let reward = stepReward + (sign == "G" ? goalReward : sign == "T" ? trapReward : 0)
        return .init(chance, state: next, reward: reward, terminated: sign == "G" || sign == "T")
      }
    }
  }
}

/// A frozen lake to be crossed without falling into a hole, on which one slips.
///
/// In the lines of the map, `S` is the start, `F` frozen, `H` a hole and `G` the goal, which alone gives a reward, of 1. The actions
/// are left (0), down (1), right (2) and up (3); on a slippery lake each goes where it should with a chance of a third, and to either
/// side with as much. Source: Gymnasium's `FrozenLake-v1`.
public struct FrozenLake: FiniteEnvironment {
  /// The lines of the map.
  public let map: [String]
  /// The number of steps after which an episode is truncated.
  public let stepLimit: Int?
  /// The states, the actions and the chances.
  public let process: FiniteProcess

  /// The lake of 4 × 4 fields.
  public static let small = ["SFFF", "FHFH", "FFFH", "HFFG"]
  /// The lake of 8 × 8 fields.
  public static let large = [
    "SFFFFFFF", "FFFFFFFF", "FFFHFFFF", "FFFFFHFF", "FFFHFFFF", "FHHFFFHF", "FHFFHFHF", "FFFHFFFG",
  ]

  /// Makes a lake.
  ///
  /// - Parameters:
  ///   - map: The lines, all of one length, with at least one start.
  ///   - isSlippery: Whether one slips to the side.
  ///   - stepLimit: The number of steps after which an episode is truncated; 100 where nothing is said, 200 on a lake of more than
  ///     16 fields.
  /// - Throws: `TensorError` where the lines differ in length, hold another sign, or have nowhere to begin.
  public init(map: [String] = FrozenLake.small, isSlippery: Bool = true, stepLimit: Int? = nil) throws {
    let fields = try GridMap(map, of: "FrozenLake", signs: "SFHG")
    self.map = map
    self.stepLimit = stepLimit ?? (fields.count > 16 ? 200 : 100)
    let directions = [(0, -1), (1, 0), (0, 1), (-1, 0)]
    process = fields.process(ends: "HG") { place, action in
      let turns = isSlippery ? [(action + 3) % 4, action, (action + 1) % 4] : [action]
      return turns.map { turn in
        let next = fields.moved(from: place, directions[turn], walls: "")
        let sign = fields[next]
        return .init(
          1 / Double(turns.count), state: next, reward: sign == "G" ? 1 : 0, terminated: sign == "G" || sign == "H")
      }
    }
  }
}

/// A walk along the edge of a cliff, from the lower left corner of a grid of 4 × 12 fields to the lower right one.
///
/// Every step costs 1; a step over the edge costs 100 and leads back to the start. The actions are up (0), right (1), down (2) and
/// left (3). The shortest way costs 13. Source: Sutton and Barto, "Reinforcement Learning", example 6.6, as Gymnasium's
/// `CliffWalking-v1` has it.
public struct CliffWalking: FiniteEnvironment {
  /// The lines of the map: `S` the start, `C` the cliff, `G` the goal.
  public static let map = ["............", "............", "............", "SCCCCCCCCCCG"]
  /// The number of steps after which an episode is truncated.
  public let stepLimit: Int?
  /// The states, the actions and the chances.
  public let process: FiniteProcess

  /// Makes a walk.
  ///
  /// - Parameters:
  ///   - isSlippery: Whether steps go to either side with a chance of a third each.
  ///   - stepLimit: The number of steps after which an episode is truncated.
  public init(isSlippery: Bool = false, stepLimit: Int? = nil) {
    self.stepLimit = stepLimit
    let fields = GridMap(checked: Self.map)
    let start = 36
    process = fields.process(ends: "G") { place, action in
      let turns = isSlippery ? [(action + 3) % 4, action, (action + 1) % 4] : [action]
      return turns.map { turn in
        let next = fields.moved(from: place, GridMap.compass[turn], walls: "")
        let isOver = fields[next] == "C"
        return .init(
          1 / Double(turns.count), state: isOver ? start : next, reward: isOver ? -100 : -1,
          terminated: fields[next] == "G")
      }
    }
  }

  /// The lines of the map.
  public var map: [String] { Self.map }
}
