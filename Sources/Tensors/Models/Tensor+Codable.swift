import DescentGraph

extension Tensor: Codable {
  private enum CodingKeys: String, CodingKey { case shape, elementType, values }

  /// Reads a tensor that an ordinary encoder wrote. Models are saved with `save(to:)`, which is smaller and faster.
  public init(from decoder: any Decoder) throws {
    if let model = decoder as? ModelDecoder {
      self = try model.leaf(Tensor.self)
      return
    }
    if let store = TensorStore.of(decoder) {
      let container = try decoder.singleValueContainer()
      let number = try container.decode(Int.self)
      guard let tensor = store[number] else {
        throw DecodingError.dataCorruptedError(in: container, debugDescription: "there is no tensor \(number)")
      }
      self = tensor
      return
    }
    let container = try decoder.container(keyedBy: CodingKeys.self)
    let shape = try container.decode(Shape.self, forKey: .shape)
    let elementType = try container.decode(ElementType.self, forKey: .elementType)
    if elementType.isFloatingPoint {
      self.init(try container.decode([Double].self, forKey: .values), shape: shape, elementType)
    } else {
      self.init(integers: try container.decode([Int].self, forKey: .values), shape: shape, elementType)
    }
    if let error { throw error }
  }

  /// Writes shape, element type and values with an ordinary encoder.
  ///
  /// - Throws: `TensorError` that the tensor carries.
  public func encode(to encoder: any Encoder) throws {
    if let model = encoder as? ModelEncoder { return try model.write(self) }
    if let store = TensorStore.of(encoder) {
      var container = encoder.singleValueContainer()
      return try container.encode(store.add(self))
    }
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(shape, forKey: .shape)
    try container.encode(elementType, forKey: .elementType)
    if elementType.isFloatingPoint {
      try container.encode(try scalars(), forKey: .values)
    } else {
      try container.encode(try integers(), forKey: .values)
    }
  }
}
