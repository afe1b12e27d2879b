import DescentData
import DescentFiles
import DescentTensors
import DescentTypes
import Foundation
import Testing

/// The bytes of an NPY file of version 1.
private func npy(_ header: String, _ elements: [UInt8], version: UInt8 = 1) -> [UInt8] {
  let text = Array((header + "\n").utf8)
  return [0x93] + Array("NUMPY".utf8) + [version, 0] + [UInt8(text.count & 255), UInt8(text.count >> 8)]
    + (version == 1 ? [] : [0, 0]) + text + elements
}

private func header(_ descr: String, _ shape: String, fortran: Bool = false) -> String {
  "{'descr': '\(descr)', 'fortran_order': \(fortran ? "True" : "False"), 'shape': \(shape), }"
}

@Suite struct NPYTests {
  let directory: TemporaryDirectory

  init() throws { directory = try TemporaryDirectory() }

  func read(_ file: [UInt8]) throws -> Tensor { try NPY.read(file: file, path: "memory") }

  @Test func everyElementTypeSurvivesTheFile() throws {
    for type in ElementType.allCases where type != .bfloat16 {
      for shape in [[], [0], [3], [2, 3], [1, 2, 1]] as [Shape] {
        let values = (0..<shape.count).map { Double($0 % 2) }
        let tensor = Tensor(values, shape: shape, type)
        try NPY.write(tensor, to: directory.at("a.npy"))
        let found = try NPY.read(directory.at("a.npy"))
        #expect(found.shape == shape && found.elementType == type)
        #expect(try found.scalars() == values)
      }
    }
    expectMistake("no type for bfloat16") { try NPY.write(Tensor([1], .bfloat16), to: directory.at("b.npy")) }
    #expect(directory.names == ["a.npy"])
  }

  @Test func theHeaderFillsWholeLines() throws {
    try NPY.write(Tensor([1, 2]), to: directory.at("a.npy"))
    let file = try FileContents.read(directory.at("a.npy"))
    let text = "{'descr': '<f4', 'fortran_order': False, 'shape': (2,), }"
    #expect(file.prefix(10) == [0x93, 0x4E, 0x55, 0x4D, 0x50, 0x59, 1, 0, 118, 0])
    #expect(
      String(decoding: file[10..<128], as: UTF8.self) == text + String(repeating: " ", count: 117 - text.count) + "\n")
    #expect(file.count == 136)
  }

  @Test func ordersAndVersions() throws {
    let fortran = try read(npy(header("<i2", "(2, 3)", fortran: true), [1, 0, 4, 0, 2, 0, 5, 0, 3, 0, 6, 0]))
    #expect(fortran.shape == [2, 3])
    #expect(try fortran.scalars() == [1, 2, 3, 4, 5, 6])
    #expect(try read(npy(header(">i2", "(2,)"), [1, 2, 0xFF, 0xFE])).scalars() == [258, -2])
    #expect(try read(npy(header(">f8", "()"), [0x3F, 0xF8, 0, 0, 0, 0, 0, 0])).item() == 1.5)
    for version in 1...3 as ClosedRange<UInt8> {
      #expect(try read(npy(header("|u1", "(1L, 2L)"), [7, 8], version: version)).scalars() == [7, 8])
    }
    let loose = "{\"shape\":(2),'fortran_order':False,\"descr\":\"|b1\"}"
    #expect(try read(npy(loose, [1, 0])).booleans() == [true, false])
  }

  @Test func damagedFiles() throws {
    func fault(_ text: String, _ file: [UInt8]) { expectFault(text, in: "memory") { try read(file) } }
    fault("is empty", [])
    fault("is cut short: 4 bytes", [0x93, 0x4E, 0x55, 0x4D])
    fault("begins with 50 4b 03 04", [0x50, 0x4B, 3, 4] + [UInt8](repeating: 0, count: 20))
    fault("has version 4.0", npy(header("|u1", "(1,)"), [1], version: 4))
    fault("only 8 follow", [0x93] + Array("NUMPY".utf8) + [1, 0, 200, 0] + [UInt8](repeating: 32, count: 8))
    fault(
      "is cut short: the header's float32[3] is 12 bytes, found 8",
      npy(header("<f4", "(3,)"), [UInt8](repeating: 0, count: 8)))
    fault("4 bytes follow the last element", npy(header("<f4", "(1,)"), [UInt8](repeating: 0, count: 8)))
    fault("Python objects, which are not read since reading them runs code", npy(header("|O", "(1,)"), [0]))
    fault("texts, which are not read", npy(header("<U4", "(1,)"), [0]))
    fault("complex numbers", npy(header("<c8", "(1,)"), [0]))
    fault("structures of several fields", npy("{'descr': [('a', '<i4')], 'fortran_order': False, 'shape': (1,)}", [0]))
    fault("larger than any memory", npy(header("<f8", "(9223372036854775807, 2)"), []))
    fault("a whole number of 64 bits is missing at byte", npy(header("<f8", "(9223372036854775808,)"), []))
    fault("a whole number of 64 bits is missing", npy(header("<f8", "(-1,)"), []))
    fault("booleans other than 0 and 1", npy(header("|b1", "(2,)"), [1, 2]))
    fault("not descr, fortran_order, shape", npy("{'descr': '<f4'}", []))
    fault("the name a appears twice", npy("{'a': '<f4', 'a': 'b'}", []))
    fault("no dictionary of Python: { is missing at byte 0", npy("[]", []))
    fault("something follows its end", npy(header("<f4", "(0,)") + "x", []))
    fault("33 dimensions", npy(header("<f4", "(" + String(repeating: "1,", count: 33) + ")"), []))
    expectFault("no such file") { try NPY.read(directory.at("absent.npy")) }
  }

  @Test func damageNeverTraps() throws {
    let seed = npy(header("<i2", "(2, 3)", fortran: true), [1, 0, 4, 0, 2, 0, 5, 0, 3, 0, 6, 0])
    try fuzz("NPY", seed, memoryFactor: 8) { _ = try self.read($0) }
  }
}

@Suite struct NPZTests {
  let directory: TemporaryDirectory
  let tensors = ["weight": Tensor([[1, 2], [3, 4]]), "ids": Tensor(integers: [7, -8], .int64)]

  init() throws { directory = try TemporaryDirectory() }

  func write(compressed: Bool = false) throws -> [UInt8] {
    try NPZ.write(tensors, to: directory.at("a.npz"), compressed: compressed)
    return try FileContents.readStored(directory.at("a.npz"))
  }

  func check(_ found: [String: Tensor]) throws {
    #expect(found.keys.sorted() == ["ids", "weight"])
    #expect(found["ids"]?.elementType == .int64)
    #expect(try found["ids"]?.scalars() == [7, -8])
    #expect(try found["weight"]?.scalars() == [1, 2, 3, 4])
  }

  @Test func storedArrays() throws {
    _ = try write()
    try check(NPZ.read(directory.at("a.npz")))
    try NPZ.write([:], to: directory.at("b.npz"))
    #expect(try NPZ.read(directory.at("b.npz")).isEmpty)
  }

  @Test(hasZlib) func compressedArrays() throws {
    let file = try write(compressed: true)
    try check(NPZ.read(file: file, path: "memory"))
    let zeros = ["zeros": Tensor(zeros: [1000])]
    try NPZ.write(zeros, to: directory.at("z.npz"), compressed: true)
    #expect(try FileContents.readStored(directory.at("z.npz")).count < 500)
    #expect(try NPZ.read(directory.at("z.npz"))["zeros"]?.shape == [1000])
    expectFault("holds 4,128 bytes, of the limit of 4,000 are left 4,000") {
      try NPZ.read(directory.at("z.npz"), limit: 4000)
    }
  }

  /// What `numpy.savez` of NumPy 2.4.6 makes of `ids=numpy.array([7, -8])`: with the sizes of large archives, and names of
  /// files that only their data follows.
  @Test(hasZlib) func whatNumPyWrites() throws {
    let stored = Data(base64Encoded: storedByNumPy).map { [UInt8]($0) } ?? []
    let deflated = Data(base64Encoded: compressedByNumPy).map { [UInt8]($0) } ?? []
    for file in [stored, deflated] {
      let found = try NPZ.read(file: file, path: "memory")
      #expect(found["ids"]?.elementType == .int64)
      #expect(try found["ids"]?.scalars() == [7, -8])
    }
  }

  @Test func damagedFiles() throws {
    let file = try write()
    func fault(_ text: String, _ file: [UInt8]) {
      expectFault(text, in: "memory") { try NPZ.read(file: file, path: "memory") }
    }
    fault("the end of its list is missing", [UInt8](file.dropLast()))
    fault("the end of its list is missing", [1, 2, 3])
    var damaged = file
    damaged[150] ^= 1
    expectFault("memory: the file ids.npy is damaged: its checksum does not fit") {
      try NPZ.read(file: damaged, path: "memory")
    }
    // The list begins with the signature 50 4b 01 02.
    let list = try #require((0..<file.count).first { file[$0...].starts(with: [0x50, 0x4B, 1, 2]) })
    damaged = file
    damaged[list + 8] |= 1
    fault("the file ids.npy is encrypted", damaged)
    damaged = file
    damaged[list + 10] = 12
    fault("compressed by the method 12", damaged)
    damaged = file
    damaged[list + 24] &+= 1
    fault("is stored in 144 bytes, and claims 145", damaged)
    damaged = file
    damaged[list + 45] = 1
    fault("is not where the list says", damaged)
    // The second file where the first one is.
    let second = try #require((list + 4..<file.count).first { file[$0...].starts(with: [0x50, 0x4B, 1, 2]) })
    damaged = file
    damaged.replaceSubrange(second + 20..<second + 28, with: file[list + 20..<list + 28])
    damaged.replaceSubrange(second + 42..<second + 46, with: file[list + 42..<list + 46])
    fault("shares bytes with another", damaged)
    expectMistake("bfloat16") { try NPZ.write(["a": Tensor([1], .bfloat16)], to: directory.at("c.npz")) }
  }

  @Test(hasZlib) func damageNeverTraps() throws {
    for compressed in [false, true] {
      try fuzz("NPZ", write(compressed: compressed), memoryFactor: 1100) { _ = try NPZ.read(file: $0, path: "memory") }
    }
  }
}

private let storedByNumPy = """
  UEsDBC0AAAAAAAAAIQD5mwu2//////////8HABQAaWRzLm5weQEAEACQAAAAAAAAAJAAAAAAAAAAk05VTVBZAQB2AHsnZGVzY3In\
  OiAnPGk4JywgJ2ZvcnRyYW5fb3JkZXInOiBGYWxzZSwgJ3NoYXBlJzogKDIsKSwgfSAgICAgICAgICAgICAgICAgICAgICAgICAg\
  ICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgIAoHAAAAAAAAAPj/////////UEsBAi0DLQAAAAAAAAAhAPmbC7aQAAAA\
  kAAAAAcAAAAAAAAAAAAAAIABAAAAAGlkcy5ucHlQSwUGAAAAAAEAAQA1AAAAyQAAAAAA
  """

private let compressedByNumPy = """
  UEsDBC0AAAAIAAAAIQD5mwu2//////////8HABQAaWRzLm5weQEAEACQAAAAAAAAAEsAAAAAAAAAm+wX6hsQychQxlCtnpJanFyk\
  bqWgbpNpoa6joJ6WX1RSlJgXn1+UkgoSd0vMKU4FihdnJBakAvkaRjqaOgq1ChQALnYGCPjxHwIAUEsBAi0DLQAAAAgAAAAhAPmb\
  C7ZLAAAAkAAAAAcAAAAAAAAAAAAAAIABAAAAAGlkcy5ucHlQSwUGAAAAAAEAAQA1AAAAhAAAAAAA
  """
