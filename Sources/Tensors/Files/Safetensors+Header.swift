import DescentGraph

/// What is wrong with a header.
struct HeaderFault: Error {
  let text: String
  init(_ text: String) { self.text = text }
}

extension Safetensors {
  /// Reads a header: its tensors in the order of their bytes, and its metadata.
  static func entries(
    _ header: [UInt8]
  ) throws(HeaderFault) -> (entries: [Entry], metadata: [String: String]) {
    guard header.first == UInt8(ascii: "{") else { throw HeaderFault("the header is not a JSON object") }
    let root: JSONValue
    do throws(JSONFault) {
      root = try JSONValue(parsing: header)
    } catch { throw HeaderFault("the header is not valid JSON: \(error.text) at byte \(error.place)") }
    guard case .object(let fields) = root else { throw HeaderFault("the header is not a JSON object") }
    var entries: [Entry] = []
    var metadata: [String: String] = [:]
    for (name, value) in fields {
      if name == metadataName {
        metadata = try texts(value)
      } else {
        entries.append(try entry(name, value))
      }
    }
    entries.sort {
      ($0.bytes.lowerBound, $0.bytes.upperBound, $0.name) < ($1.bytes.lowerBound, $1.bytes.upperBound, $1.name)
    }
    return (entries, metadata)
  }

  private static func texts(_ value: JSONValue) throws(HeaderFault) -> [String: String] {
    guard case .object(let fields) = value else { throw HeaderFault("\(metadataName) is not an object of texts") }
    var texts: [String: String] = [:]
    for (name, value) in fields {
      guard case .string(let text) = value else { throw HeaderFault("\(metadataName): \(name) is not a text") }
      texts[name] = text
    }
    return texts
  }

  private static func entry(_ name: String, _ value: JSONValue) throws(HeaderFault) -> Entry {
    let title = "the tensor \(name)"
    guard case .object(let fields) = value else { throw HeaderFault("\(title) is not described by an object") }
    func field(_ key: String) -> JSONValue? { fields.first { $0.name == key }?.value }
    guard case .string(let typeName)? = field("dtype") else { throw HeaderFault("\(title) has no dtype") }
    guard let sizes = field("shape")?.counts else {
      throw HeaderFault("\(title) has no shape of non-negative whole numbers")
    }
    guard let offsets = field("data_offsets")?.counts, offsets.count == 2, offsets[0] <= offsets[1] else {
      throw HeaderFault("\(title) has no data_offsets of two increasing whole numbers")
    }
    guard let elementType = elementType(named: typeName) else {
      let bytes = TensorType([offsets[1] - offsets[0]], .uint8)
      return Entry(name: name, type: bytes, unknownType: typeName, bytes: offsets[0]..<offsets[1])
    }
    let type = TensorType(Shape(sizes), elementType)
    guard let count = type.shape.checkedCount else {
      throw HeaderFault("\(title) has the shape \(type.shape), which is larger than any memory")
    }
    let byteCount = count * elementType.byteCount
    guard byteCount == offsets[1] - offsets[0] else {
      throw HeaderFault(
        "\(title), \(typeName) of shape \(type.shape), takes \(byteCount) bytes, but its data_offsets"
          + " \(offsets[0])..<\(offsets[1]) have \(offsets[1] - offsets[0])")
    }
    return Entry(name: name, type: type, unknownType: nil, bytes: offsets[0]..<offsets[1])
  }

  /// Checks that sorted entries fill the data without gaps, overlaps or leftovers.
  static func checkPlaces(_ entries: [Entry], dataCount: Int) throws(HeaderFault) {
    var end = 0
    var last = ""
    for entry in entries {
      guard entry.bytes.upperBound <= dataCount else {
        throw HeaderFault(
          "is cut short: the tensor \(entry.name) ends at byte \(entry.bytes.upperBound) of the data, of which there are"
            + " \(dataCount)")
      }
      guard entry.bytes.lowerBound >= end else { throw HeaderFault("the tensors \(last) and \(entry.name) overlap") }
      guard entry.bytes.lowerBound == end else {
        throw HeaderFault("bytes \(end)..<\(entry.bytes.lowerBound) of the data belong to no tensor")
      }
      (end, last) = (entry.bytes.upperBound, entry.name)
    }
    guard end == dataCount else { throw HeaderFault("\(dataCount - end) bytes follow the last tensor") }
  }
}

extension JSONValue {
  /// The elements of a list of non-negative whole numbers.
  fileprivate var counts: [Int]? {
    guard case .list(let elements) = self else { return nil }
    var counts: [Int] = []
    for element in elements {
      guard case .integer(let count) = element, count >= 0 else { return nil }
      counts.append(count)
    }
    return counts
  }
}
