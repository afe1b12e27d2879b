import DescentAgents
import DescentGraph
import DescentTensors

/// An environment that pays for doing what is shown: 1 for the right choice, over episodes of some steps.
struct IdentityChoice: Environment {
  struct State: Codable, Sendable { var shown: Tensor }
  var count = 2
  var stepLimit: Int? = 20
  var observationSpace: ObservationSpace { .discrete(count) }
  var actionSpace: ActionSpace { .discrete(count) }

  private func drawn(_ key: RandomKey) -> State { State(shown: key.integers([], in: 0..<count)) }
  func reset(key: RandomKey) -> State { drawn(key) }
  func observation(of state: State) -> Tensor { state.shown }
  func step(_ state: State, _ action: Tensor, key: RandomKey) -> Transition<State> {
    Transition(drawn(key), reward: (action .== state.shown).converted(to: .float32))
  }
}

/// An environment that pays for numbers near to those shown: 1 less the square of the distance.
struct IdentityBox: Environment {
  struct State: Codable, Sendable { var shown: Tensor }
  var stepLimit: Int? = 20
  var observationSpace: ObservationSpace { .box(low: [-1], high: [1]) }
  var actionSpace: ActionSpace { .box(low: [-1], high: [1]) }

  private func drawn(_ key: RandomKey) -> State { State(shown: key.uniform([1], low: -1, high: 1)) }
  func reset(key: RandomKey) -> State { drawn(key) }
  func observation(of state: State) -> Tensor { state.shown }
  func step(_ state: State, _ action: Tensor, key: RandomKey) -> Transition<State> {
    Transition(drawn(key), reward: (1.0 - square(action - state.shown)).sum())
  }
}

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
