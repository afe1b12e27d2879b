import DescentGraph
import DescentTensors

/// A taxi in a town of 5 × 5 fields that is to pick up a passenger at one of four stands and to bring them to another.
///
/// The actions are down (0), up (1), right (2), left (3), pick up (4) and drop off (5). A step costs 1, picking up or dropping off where
/// that cannot be 10, and bringing the passenger to the right stand gives 20. The 500 states count the taxi's row and column, the
/// passenger's stand (4 in the taxi) and the stand to go to. Source: Dietterich, "Hierarchical reinforcement learning with the MAXQ
/// value function decomposition", 2000, as Gymnasium's `Taxi-v3` has it.
public struct Taxi: FiniteEnvironment {
  /// The number of steps after which an episode is truncated.
  public let stepLimit: Int?
  /// The states, the actions and the chances.
  public let process: FiniteProcess

  /// Row and column of the stands: red, green, yellow and blue.
  static let stands = [(0, 0), (0, 4), (4, 0), (4, 3)]
  /// The town: `|` is a wall between two fields, `:` none.
  static let town = ["|R: | : :G|", "| : | : : |", "| : : : : |", "| | : | : |", "|Y| : |B: |"].map { Array($0) }

  /// Makes a town.
  ///
  /// - Parameter stepLimit: The number of steps after which an episode is truncated.
  public init(stepLimit: Int? = 200) {
    self.stepLimit = stepLimit
    let isStart = (0..<500).map { number in
      let place = Place(number)
      return place.passenger < 4 && place.passenger != place.goal
    }
    let starts = Double(isStart.count { $0 })
    process = FiniteProcess(states: 500, actions: 6, starts: isStart.map { $0 ? 1 / starts : 0 }) { state, action in
      [Place(state).outcome(of: action)]
    }
  }

  /// What a state's number says.
  struct Place {
    var row: Int
    var column: Int
    /// The passenger's stand, 4 in the taxi.
    var passenger: Int
    var goal: Int

    init(_ number: Int) {
      (goal, passenger) = (number % 4, number / 4 % 5)
      (column, row) = (number / 20 % 5, number / 100)
    }

    var number: Int { ((row * 5 + column) * 5 + passenger) * 4 + goal }

    private func isStand(_ stand: Int) -> Bool { stands[stand] == (row, column) }

    func outcome(of action: Int) -> FiniteProcess.Outcome {
      var next = self
      var (reward, isOver) = (-1.0, false)
      switch action {
      case 0: next.row = min(row + 1, 4)
      case 1: next.row = max(row - 1, 0)
      case 2 where town[row][2 * column + 2] == ":": next.column = min(column + 1, 4)
      case 3 where town[row][2 * column] == ":": next.column = max(column - 1, 0)
      case 4:
        if passenger < 4, isStand(passenger) { next.passenger = 4 } else { reward = -10 }
      case 5:
        if passenger == 4, isStand(goal) {
          (next.passenger, reward, isOver) = (goal, 20, true)
        } else if passenger == 4, let stand = stands.indices.first(where: isStand) {
          next.passenger = stand
        } else {
          reward = -10
        }
      default: break
      }
      return .init(state: next.number, reward: reward, terminated: isOver)
    }
  }
}
