import DescentGraph
import DescentLayers
import DescentTensors

/// What acts: a network that is given observations, and says what to do.
///
/// A policy is written down without its environment, `MLPPolicy(hidden: [64, 64])`; an algorithm makes it for the spaces of one, with
/// the outputs that the algorithm needs. It is a model: its parameters are saved, loaded, frozen and printed like a layer's.
///
/// ```swift
/// let policy = try MLPPolicy(hidden: [64, 64]).loading("cartpole.safetensors")
/// let actions = try policy.actions(for: observations)
/// ```
public protocol Policy: Model {
  /// What it remembers from step to step; `NoMemory` where nothing.
  associatedtype Memory: Codable & Sendable

  /// The spaces that it was made for; `nil` where it was not made for any yet.
  var spaces: PolicySpaces? { get }
  /// What its outputs mean.
  var head: PolicyHead { get }
  /// The sizes of the hidden layers of critics that go with it, where an algorithm has such.
  var criticSizes: [Int] { get }

  /// The policy with outputs for some spaces.
  ///
  /// - Throws: `TensorError` where the head does not fit the action space.
  func made(for spaces: PolicySpaces, head: PolicyHead) throws -> Self

  /// What it remembers at the beginning of episodes, with a first axis of `batch`.
  func initialMemory(batch: Int) -> Memory

  /// What the network gives for observations.
  ///
  /// - Parameters:
  ///   - observations: `[batch, …]`.
  ///   - memory: What it remembers.
  /// - Throws: `TensorError` of a mistake.
  func callAsFunction(_ observations: Tensor, _ memory: Memory) throws -> PolicyOutput<Memory>
}

extension Policy {
  /// Two layers of 256.
  public var criticSizes: [Int] { [256, 256] }
}

extension Policy where Memory == NoMemory {
  /// Nothing.
  public func initialMemory(batch: Int) -> NoMemory { NoMemory() }
}

/// The memory of a policy that has none.
public struct NoMemory: Codable, Sendable {
  /// Nothing.
  public init() {}
}

/// What a policy's network gives for observations.
public struct PolicyOutput<Memory: Codable & Sendable>: Codable, Sendable {
  /// The numbers that the head gives a meaning, `[batch, numbers]`.
  public var outputs: Tensor
  /// The estimated values of the observations, `[batch]`; `nil` where the policy estimates none.
  public var values: Tensor?
  /// What is remembered for the next step.
  public var memory: Memory

  /// Makes an output.
  public init(_ outputs: Tensor, values: Tensor? = nil, memory: Memory) {
    (self.outputs, self.values, self.memory) = (outputs, values, memory)
  }
}

extension Policy {
  /// The spaces, which an algorithm has given it.
  ///
  /// - Throws: `TensorError` where it was not made for any yet.
  func madeSpaces() throws -> PolicySpaces {
    guard let spaces else {
      throw TensorError(
        "\(Self.self)", "was not made for an environment yet; train it, load a file, or ask for made(for:head:)")
    }
    return spaces
  }

  /// The best actions that the policy knows for observations, `[batch, …]`.
  ///
  /// - Parameter observations: `[batch, …]`.
  /// - Throws: `TensorError` where the observations have another shape than the policy was made for.
  public func actions(for observations: Tensor) throws -> Tensor where Memory == NoMemory {
    head.greedyActions(try self(observations, NoMemory()).outputs, try madeSpaces().actions)
  }

  /// Actions drawn from the policy's distribution for observations, `[batch, …]`.
  ///
  /// - Parameters:
  ///   - observations: `[batch, …]`.
  ///   - key: The key of the draw.
  /// - Throws: `TensorError` where the observations have another shape than the policy was made for.
  public func actions(for observations: Tensor, drawnWith key: RandomKey) throws -> Tensor where Memory == NoMemory {
    head.sampledActions(try self(observations, NoMemory()).outputs, try madeSpaces().actions, key)
  }

  /// The policy for some spaces with initial values.
  ///
  /// - Throws: `TensorError` where it was made for other spaces, or the head does not fit them.
  func prepared(for spaces: PolicySpaces, head: PolicyHead, seed: UInt64) throws -> Self {
    if let own = self.spaces {
      if let difference = own.difference(from: spaces) {
        throw TensorError("\(Self.self)", "was made for \(difference) as this environment has them")
      }
      guard self.head == head else {
        throw TensorError(
          "\(Self.self)",
          "was made with outputs \(self.head), and this algorithm needs \(head); begin with a new policy")
      }
    }
    let made = self.spaces == nil ? try self.made(for: spaces, head: head) : self
    return try made.initialized(seed: seed) { policy in
      let output = try policy(spaces.example(), policy.initialMemory(batch: 1))
      return [output.outputs] + (output.values.map { [$0] } ?? [])
    }
  }
}

/// A memory as it is, but for the environments whose episode begins: there it is what episodes begin with.
func forgetting<Memory: Codable>(_ memory: Memory, _ initial: Memory, where isFirst: Tensor) throws -> Memory {
  let (now, fresh) = (try ModelTree(memory), try ModelTree(initial))
  if now.leaves.isEmpty { return memory }
  let tensors = zip(now.leaves, fresh.leaves).map { old, new -> Tensor? in
    guard let old = old.tensor, let new = new.tensor else { return nil }
    let mask = isFirst.reshaped(Shape(isFirst.shape.sizes + old.shape.dropFirst().map { _ in 1 }))
    return `where`(mask, new, old)
  }
  return try now.rebuilt(Memory.self, with: tensors)
}
