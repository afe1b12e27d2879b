import DescentAgents
import DescentGraph
import DescentTensors

/// An environment that pays for what was shown the step before, which it does not show again.
struct MemoryChoice: Environment {
  struct State: Codable, Sendable { var shown: Tensor; var before: Tensor }
  var stepLimit: Int? = 10
  var observationSpace: ObservationSpace { .discrete(2) }
  var actionSpace: ActionSpace { .discrete(2) }

  func reset(key: RandomKey) -> State {
    let shown = key.integers([], in: 0..<2)
    return State(shown: shown, before: shown)
  }
  func observation(of state: State) -> Tensor { state.shown }
  func step(_ state: State, _ action: Tensor, key: RandomKey) -> Transition<State> {
    Transition(
      State(shown: key.integers([], in: 0..<2), before: state.shown),
      reward: (action .== state.before).converted(to: .float32))
  }
}
