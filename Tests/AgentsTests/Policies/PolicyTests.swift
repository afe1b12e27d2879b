import DescentAgents
import DescentFiles
import DescentGraph
import DescentLayers
import DescentTensors
import Foundation
import Testing

@Suite struct PolicyTests {
  private let spaces = PolicySpaces(
    observations: .box(low: [-1, -.infinity], high: [1, .infinity]), actions: .discrete(3))

  private func path() -> String {
    FileManager.default.temporaryDirectory.appendingPathComponent("policy-\(UUID().uuidString).safetensors").path
  }

  private func made(_ policy: MLPPolicy, _ spaces: PolicySpaces, _ head: PolicyHead = .distribution) throws -> MLPPolicy
  {
    let example = Tensor(
      zeros: Shape([1] + spaces.observations.shape.sizes), spaces.observations.isDiscrete ? .int32 : .float32)
    return try policy.made(for: spaces, head: head).initialized(seed: 1) { try $0(example, NoMemory()).withValues }
  }

  @Test func layersBeginOrthogonal() throws {
    let policy = try made(MLPPolicy(hidden: [8, 8]), spaces)
    let weight = try #require(policy.actor?.layers[1].weight.tensor)
    let product = try matmul(weight.transposed(), weight).scalars()
    for (place, value) in product.enumerated() { #expect(abs(value - (place % 9 == 0 ? 2 : 0)) < 1e-5) }
    let last = try #require(policy.actor?.output.weight.tensor)
    #expect(abs(try last.norm().item() - 0.01 * 3.0.squareRoot()) < 1e-6)
    #expect(abs(try #require(policy.critic?.output.weight.tensor).norm().item() - 1) < 1e-5)
    #expect(try #require(policy.actor?.output.bias?.tensor).scalars() == [0, 0, 0])
  }

  @Test func savedPoliciesActAsBefore() throws {
    let file = path()
    defer { try? FileManager.default.removeItem(atPath: file) }
    let policy = try made(MLPPolicy(hidden: [8]), spaces)
    try policy.save(to: file)
    let loaded = try MLPPolicy(hidden: [8]).loading(file)
    #expect(loaded.spaces == spaces && loaded.head == .distribution)
    let seen = RandomKey(seed: 3).normal([5, 2])
    #expect(try loaded.actions(for: seen).integers() == policy.actions(for: seen).integers())
    #expect(
      try loaded.actions(for: seen, drawnWith: RandomKey(seed: 1)).integers()
        == policy.actions(for: seen, drawnWith: RandomKey(seed: 1)).integers())
  }

  @Test func policiesOfOtherSpacesAreRefused() throws {
    let file = path()
    defer { try? FileManager.default.removeItem(atPath: file) }
    try made(MLPPolicy(hidden: [8]), spaces).save(to: file)
    let error = #expect(throws: FileError.self) { try MLPPolicy(hidden: [8]).loading(file, for: CartPole()) }
    #expect(error?.message.contains("CartPole") == true)
    let other = try made(MLPPolicy(hidden: [8]), PolicySpaces(CartPole()))
    #expect(throws: FileError.self) { try other.loading(file) }
    #expect(throws: FileError.self) { try MLPPolicy(hidden: [9]).loading(file) }
    #expect(throws: TensorError.self) { try PPO(policy: other).train(on: Pendulum(), steps: 10) }
    #expect(throws: TensorError.self) { try other.evaluated(on: Pendulum(), episodes: 1) }
    #expect(throws: TensorError.self) { try MLPPolicy().save(to: file) }
    #expect(throws: TensorError.self) { try MLPPolicy().actions(for: Tensor(zeros: [1, 2])) }
    #expect(throws: TensorError.self) { try other.actions(for: Tensor(zeros: [1, 3])).integers() }
  }

  @Test func stateCountsBecomeOneHot() throws {
    let counted = PolicySpaces(observations: .discrete(3), actions: .discrete(2))
    #expect(try counted.features(Tensor(integers: [2, 0])).scalars() == [0, 0, 1, 1, 0, 0])
    let several = PolicySpaces(observations: .multiDiscrete([2, 3]), actions: .discrete(2))
    #expect(try several.features(Tensor(integers: [1, 0], shape: [1, 2])).scalars() == [0, 1, 1, 0, 0])
    let picture = PolicySpaces(observations: .array(shape: [2, 2], low: 0, high: 1), actions: .discrete(2))
    #expect(picture.features(Tensor(zeros: [5, 2, 2])).shape == [5, 4])
  }

  @Test func headsThatDoNotFitAreRefused() {
    for head in [PolicyHead.actionValues(), .quantiles(5)] {
      #expect(throws: TensorError.self) { try MLPPolicy().made(for: PolicySpaces(Pendulum()), head: head) }
    }
    for head in [PolicyHead.squashed, .deterministic] {
      #expect(throws: TensorError.self) { try MLPPolicy().made(for: PolicySpaces(CartPole()), head: head) }
    }
    let endless = PolicySpaces(observations: .discrete(2), actions: .box(low: [-.infinity], high: [1]))
    #expect(throws: TensorError.self) { try MLPPolicy().made(for: endless, head: .squashed) }
    #expect(throws: TensorError.self) {
      try MLPPolicy(hidden: [0]).made(for: PolicySpaces(CartPole()), head: .distribution)
    }
  }
}

extension PolicyOutput {
  /// Outputs and values, by which all parameters are given their sizes.
  var withValues: [Tensor] { [outputs] + (values.map { [$0] } ?? []) }
}
