import DescentGraph

/// What the header of an NPY file says: a dictionary in Python's notation with the names `descr`, `fortran_order` and
/// `shape`.
struct NPYHeader {
  /// What is wrong with a header.
  struct Fault: Error {
    let text: String
    init(_ text: String) { self.text = text }
  }

  /// The shape and the element type; in Fortran's order with the axes turned around, as the elements lie.
  let type: TensorType
  let isFortran: Bool
  let isBigEndian: Bool

  init(parsing bytes: [UInt8]) throws(Fault) {
    var reader = PythonReader(bytes: bytes)
    let fields: [(name: String, value: PythonReader.Value)]
    do throws(PythonReader.Fault) {
      fields = try reader.dictionary()
    } catch { throw Fault("the header is no dictionary of Python: \(error.text) at byte \(error.place) of it") }
    let wanted = ["descr", "fortran_order", "shape"]
    guard fields.map(\.name).sorted() == wanted else {
      throw Fault(
        "the header has the names \(fields.map(\.name).joined(separator: ", ")), not descr, fortran_order, shape")
    }
    let values = Dictionary(uniqueKeysWithValues: fields.map { ($0.name, $0.value) })
    guard case .boolean(let isFortran)? = values["fortran_order"] else {
      throw Fault("the header's fortran_order is neither True nor False")
    }
    guard case .tuple(let sizes)? = values["shape"] else {
      throw Fault("the header's shape is no tuple of whole numbers")
    }
    guard sizes.count <= 32 else { throw Fault("claims \(sizes.count) dimensions, NumPy has 32 at most") }
    guard case .text(let name)? = values["descr"] else {
      throw Fault("holds structures of several fields, which are not read")
    }
    guard let (elementType, isBigEndian) = NPYType.elementType(named: name) else {
      throw Fault("holds elements of the type \(name), \(NPYType.trouble(with: name))")
    }
    type = TensorType(Shape(isFortran ? sizes.reversed() : sizes), elementType)
    self.isFortran = isFortran
    self.isBigEndian = isBigEndian
  }
}

/// NumPy's names of element types: byte order, kind and bytes.
enum NPYType {
  static func name(of type: ElementType) -> String? {
    switch type {
    case .float16: "<f2"
    case .float32: "<f4"
    case .float64: "<f8"
    case .int8: "|i1"
    case .int16: "<i2"
    case .int32: "<i4"
    case .int64: "<i8"
    case .uint8: "|u1"
    case .uint16: "<u2"
    case .uint32: "<u4"
    case .uint64: "<u8"
    case .bool: "|b1"
    case .bfloat16: nil
    }
  }

  static func elementType(named name: String) -> (type: ElementType, isBigEndian: Bool)? {
    let order = name.first
    guard let order, "<>|=".contains(order) else { return nil }
    let kind = name.dropFirst()
    return ElementType.allCases.first { self.name(of: $0)?.dropFirst() == kind }.map { ($0, order == ">") }
  }

  /// Why a type is not read.
  static func trouble(with name: String) -> String {
    switch name.drop(while: { "<>|=".contains($0) }).first {
    case "O": "Python objects, which are not read since reading them runs code: save numbers"
    case "U", "S": "texts, which are not read: save them as CSV or JSON lines"
    case "c": "complex numbers, which are not read: save the real and the imaginary part"
    case "V": "which has no name in NumPy: save float32 in its place"
    default: "which is not known here"
    }
  }
}

/// Reads the little of Python's notation that headers are written in.
private struct PythonReader {
  /// What is wrong, and at which byte.
  struct Fault: Error {
    let text: String
    let place: Int
  }

  enum Value {
    case text(String)
    case boolean(Bool)
    case tuple([Int])
    /// A list, which only types of several fields are written as; nothing here needs what it holds.
    case list
  }

  let bytes: [UInt8]
  private var place = 0

  init(bytes: [UInt8]) { self.bytes = bytes }

  mutating func dictionary() throws(Fault) -> [(name: String, value: Value)] {
    var fields: [(name: String, value: Value)] = []
    try expect("{")
    while !take("}") {
      let name = try text()
      guard !fields.contains(where: { $0.name == name }) else { throw fault("the name \(name) appears twice") }
      try expect(":")
      fields.append((name, try value()))
      if !take(",") {
        try expect("}")
        break
      }
    }
    skipSpace()
    if place < bytes.count { throw fault("something follows its end") }
    return fields
  }

  private func fault(_ text: String) -> Fault { Fault(text: text, place: place) }

  private mutating func skipSpace() {
    while place < bytes.count, bytes[place] == 0x20 || bytes[place] == 0x0A { place += 1 }
  }

  private mutating func take(_ character: Unicode.Scalar) -> Bool {
    skipSpace()
    guard place < bytes.count, bytes[place] == UInt8(ascii: character) else { return false }
    place += 1
    return true
  }

  private mutating func expect(_ character: Unicode.Scalar) throws(Fault) {
    guard take(character) else { throw fault("\(character) is missing") }
  }

  private mutating func value() throws(Fault) -> Value {
    if take("(") { return .tuple(try sizes()) }
    if take("[") {
      // A type of several fields is refused whatever they are.
      while place < bytes.count, bytes[place] != UInt8(ascii: "}"), bytes[place] != UInt8(ascii: "]") { place += 1 }
      while take("]") || take(")") {}
      return .list
    }
    for (word, value) in [("True", true), ("False", false)] {
      if bytes[place...].starts(with: word.utf8) {
        place += word.utf8.count
        return .boolean(value)
      }
    }
    return .text(try text())
  }

  private mutating func text() throws(Fault) -> String {
    skipSpace()
    guard place < bytes.count, bytes[place] == UInt8(ascii: "'") || bytes[place] == UInt8(ascii: "\"") else {
      throw fault("a text in quotes is missing")
    }
    let quote = bytes[place]
    let start = place + 1
    guard let end = bytes[start...].firstIndex(of: quote) else { throw fault("a text does not end") }
    let inner = bytes[start..<end]
    guard !inner.contains(UInt8(ascii: "\\")), inner.allSatisfy({ (0x20..<0x7F).contains($0) }) else {
      throw fault("a text holds more than plain letters")
    }
    place = end + 1
    return String(decoding: inner, as: UTF8.self)
  }

  private mutating func sizes() throws(Fault) -> [Int] {
    var sizes: [Int] = []
    while !take(")") {
      skipSpace()
      let start = place
      while place < bytes.count, (0x30...0x39).contains(bytes[place]) { place += 1 }
      // NumPy for Python 2 wrote 3L.
      let digits = String(decoding: bytes[start..<place], as: UTF8.self)
      if place < bytes.count, bytes[place] == UInt8(ascii: "L") { place += 1 }
      guard let size = Int(digits) else { throw fault("a whole number of 64 bits is missing") }
      sizes.append(size)
      if !take(",") {
        try expect(")")
        break
      }
    }
    return sizes
  }
}
