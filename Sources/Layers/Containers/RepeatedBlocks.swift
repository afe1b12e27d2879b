import DescentGraph
import DescentTensors

/// A block several times, one after the other, each with parameters of its own.
///
/// ```swift
/// RepeatedBlocks(12) { Residual { LayerNorm(); Dense(units: 64); relu } }
/// ```
///
/// By default the blocks are the steps of one `scan`: their parameters are stacked, `block.weight` is `[blocks, …]`, and a
/// deeper model is a longer loop, not a larger graph that takes longer to compile. It asks that a block gives the shape
/// that it is given. Blocks that change the shape, such as the first of several `Dense`, or that are to be initialized, frozen or
/// loaded one by one are `.copies`, with parameters at `0.weight`, `1.weight` and so on.
public struct RepeatedBlocks: Layer {
  /// How the blocks are held.
  public enum Form: String, Sendable, Hashable, Codable, CaseIterable {
    /// As one block with stacked parameters, run by a loop.
    case loop
    /// As blocks of their own.
    case copies
  }

  /// The number of blocks.
  public let count: Int
  /// How the blocks are held.
  public let form: Form
  private var list: LayerList
  /// Far beyond any model.
  private static var limit: Int { 1 << 16 }

  /// A block so many times.
  ///
  /// - Parameters:
  ///   - count: The number of blocks, at most 65,536.
  ///   - form: How they are held.
  ///   - block: The layers of a block.
  public init(_ count: Int, _ form: Form = .loop, @LayerBuilder _ block: () -> [any Layer<Tensor, Tensor>]) {
    (self.count, self.form) = (count, form)
    let layers = block()
    let block = layers.count == 1 ? layers[0] : Sequential(layers)
    switch form {
    case .loop: list = LayerList([(name: "block", layer: block)])
    case .copies: list = LayerList([any Layer<Tensor, Tensor>](repeating: block, count: min(max(0, count), Self.limit)))
    }
  }

  /// The blocks, each by itself; in a loop they share one walk, and so here one layer with stacked parameters stands for all.
  public var blocks: [any Layer<Tensor, Tensor>] { list.layers }

  public func callAsFunction(_ input: Tensor) -> Tensor {
    if input.error != nil { return input }
    let site = LayerSite("RepeatedBlocks")
    guard (0...Self.limit).contains(count) else {
      return site.failure("has 0...\(Self.limit) blocks; it cannot have \(count) blocks")
    }
    let input = Run.current.input(input)
    if form == .copies { return list.layers.reduce(input) { LayerList.output(of: $1, $0) } }
    guard count > 0, let block = list.layers.first else { return input }
    let output = Tensor(catching: { try run(block, input) })
    return output.error?.operation == "scan"
      ? site.titled(output, hint: "; blocks that change the shape are repeated as .copies") : output
  }

  private func run<Block: Layer<Tensor, Tensor>>(_ block: Block, _ input: Tensor) throws -> Tensor {
    let blocks = try stackedCopies(of: block, count: count, in: "RepeatedBlocks") { [try $0(input)] }
    guard try ModelTree(blocks).leaves.contains(where: { $0.tensor != nil }) else {
      return try scan(length: count, from: input) { (x: Tensor, _: Tensor) in (try block(x), [Tensor]()) }.state
    }
    return try scan(over: blocks, from: input) { (x: Tensor, block: Block) in
      (try block(x), [Tensor]())
    }.state
  }
}

extension RepeatedBlocks {
  private enum CodingKeys: String, CodingKey {
    case count = ".count"
    case form = ".form"
  }

  /// Reads blocks in a walk through the model.
  ///
  /// - Throws: `DecodingError` of an ordinary decoder: a file has no types of Swift code.
  public init(from decoder: any Decoder) throws {
    list = try LayerList(from: decoder)
    let container = try decoder.container(keyedBy: CodingKeys.self)
    count = try container.decode(Int.self, forKey: .count)
    form = try container.decode(Form.self, forKey: .form)
  }

  /// Writes the stacked block as `block`, or each block under its number.
  public func encode(to encoder: any Encoder) throws {
    try list.encode(to: encoder, in: "RepeatedBlocks")
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(count, forKey: .count)
    try container.encode(form, forKey: .form)
  }
}
