/// Numbers as they are written: those that are not finite as text, since JSON has no form for them.
struct StoredNumbers: Hashable, Sendable, Codable {
  var numbers: [Double]

  init(_ numbers: [Double]) { self.numbers = numbers }

  init(from decoder: any Decoder) throws {
    var container = try decoder.unkeyedContainer()
    numbers = []
    while !container.isAtEnd {
      if let number = try? container.decode(Double.self) {
        numbers.append(number)
        continue
      }
      let text = try container.decode(String.self)
      guard let number = Double(text) else {
        throw DecodingError.dataCorruptedError(in: container, debugDescription: "\(text) is not a number")
      }
      numbers.append(number)
    }
  }

  func encode(to encoder: any Encoder) throws {
    var container = encoder.unkeyedContainer()
    for number in numbers {
      // JSON's readers take −0 for the integer 0.
      if number.isFinite, number != 0 || number.sign == .plus {
        try container.encode(number)
      } else {
        try container.encode("\(number)")
      }
    }
  }
}
