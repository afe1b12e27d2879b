import DescentOptimizers
import DescentTensors

extension TrainingState: Codable {
  private enum CodingKeys: String, CodingKey { case model, optimizer, memory, step, seed, starts }

  /// Reads a state that an ordinary encoder wrote. Files of `save(in:)` are smaller and faster.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    let optimizer = try container.decode(Rule.self, forKey: .optimizer)
    let model = try container.decode(Model.self, forKey: .model)
    try self.init(model, optimizer: optimizer, seed: try container.decode(UInt64.self, forKey: .seed))
    guard let memory = try container.decodeIfPresent(Rule.State.self, forKey: .memory) else { return }
    try bind(model)
    var named = try snapshot()
    for leaf in try ModelTree(memory).leaves { named["optimizer.\(leaf.path)"] = leaf.tensor }
    let starts = try container.decodeIfPresent([String: Int].self, forKey: .starts) ?? [:]
    for (path, start) in starts {
      named[StepValues.startName(path)] = Tensor(integers: [start], shape: [], .int64)
    }
    named["step"] = Tensor(integers: [try container.decode(Int.self, forKey: .step)], shape: [], .int64)
    try restore(named)
  }

  /// Writes model, optimizer and what it remembers, the number of steps and the seed.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(model, forKey: .model)
    try container.encode(optimizer, forKey: .optimizer)
    try container.encodeIfPresent(try optimizerState(), forKey: .memory)
    try container.encode(step, forKey: .step)
    if let starts = values?.starts, !starts.isEmpty { try container.encode(starts, forKey: .starts) }
    try container.encode(seed, forKey: .seed)
  }
}
