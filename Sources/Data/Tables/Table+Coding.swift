import DescentTensors

extension Table.Column.Values: Hashable {
  /// Whether two columns hold the same; missing values are the same.
  public static func == (a: Self, b: Self) -> Bool {
    switch (a, b) {
    case (.integers(let a), .integers(let b)): a == b
    case (.numbers(let a), .numbers(let b)): a.elementsEqual(b) { $0 == $1 || $0.isNaN && $1.isNaN }
    case (.categories(let a, let names), .categories(let b, let others)): names == others && a == b
    case (.texts(let a), .texts(let b)): a == b
    default: false
    }
  }

  /// Mixes in what the column holds.
  public func hash(into hasher: inout Hasher) {
    switch self {
    case .integers(let values): hasher.combine(values)
    case .numbers(let values): for value in values { hasher.combine(value.isNaN ? 0 : value) }
    case .categories(let codes, let names):
      hasher.combine(codes)
      hasher.combine(names)
    case .texts(let values): hasher.combine(values)
    }
  }
}

extension Table.Column: Codable {
  private enum CodingKeys: String, CodingKey { case name, kind, values, names }

  /// Takes a column from what was encoded.
  ///
  /// - Throws: `DecodingError`, also where a category has no name or two have one.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    let name = try container.decode(String.self, forKey: .name)
    switch try container.decode(Table.ColumnKind.self, forKey: .kind) {
    case .integers: self.init(name, integers: try container.decode([Int].self, forKey: .values))
    case .numbers:
      // Text formats have no NaN.
      let numbers = try container.decode([Double?].self, forKey: .values)
      self.init(name, numbers: numbers.map { $0 ?? .nan })
    case .categories:
      let codes = try container.decode([Int32].self, forKey: .values)
      let names = try container.decode([String].self, forKey: .names)
      guard Set(names).count == names.count, codes.allSatisfy({ (-1..<names.count).contains(Int($0)) }) else {
        throw DecodingError.dataCorruptedError(
          forKey: .values, in: container, debugDescription: "a category of the column \(name) has no name of its own")
      }
      self.init(name, .categories(codes, names: names))
    case .texts: self.init(name, texts: try container.decode([String?].self, forKey: .values))
    }
  }

  /// Writes name, kind and values.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(name, forKey: .name)
    try container.encode(kind, forKey: .kind)
    switch values {
    case .integers(let values): try container.encode(values, forKey: .values)
    case .numbers(let values): try container.encode(values.map { $0.isNaN ? nil : $0 }, forKey: .values)
    case .categories(let codes, let names):
      try container.encode(codes, forKey: .values)
      try container.encode(names, forKey: .names)
    case .texts(let values): try container.encode(values, forKey: .values)
    }
  }
}
