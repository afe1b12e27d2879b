import CNative
import Testing

/// Every implementation that a trial may choose gives the same products and convolutions, but for rounding.
@Suite struct CandidateTests {
  private struct Sizes: CustomTestStringConvertible {
    var m: Int, n: Int, k: Int
    var batch = 1
    var testDescription: String { "\(batch) × [\(m), \(k)]·[\(k), \(n)]" }
  }

  private static let sizes = [
    Sizes(m: 0, n: 3, k: 2), Sizes(m: 3, n: 2, k: 0), Sizes(m: 1, n: 1, k: 1), Sizes(m: 1, n: 70, k: 90),
    Sizes(m: 90, n: 1, k: 70), Sizes(m: 33, n: 65, k: 97), Sizes(m: 64, n: 64, k: 64), Sizes(m: 7, n: 3, k: 5000),
    Sizes(m: 4100, n: 5, k: 3), Sizes(m: 31, n: 17, k: 9, batch: 13), Sizes(m: 70, n: 130, k: 60),
    Sizes(m: 2, n: 2, k: 2, batch: 0),
  ]

  private static func numbers<Number: BinaryFloatingPoint & BitwiseCopyable>(_ count: Int, seed: Int) -> [Number]
  where Number.RawSignificand: FixedWidthInteger {
    var random = TestRandom(seed: seed)
    return (0..<count).map { _ in Number.random(in: -1...1, using: &random) }
  }

  /// Rows lie further apart than they are long, and one operand serves for all products in some.
  private func expectAgreement<Number: BinaryFloatingPoint & BitwiseCopyable>(
    _ type: dn_type, _: Number.Type, _ sizes: Sizes
  ) throws where Number.RawSignificand: FixedWidthInteger {
    let (m, n, k, batch) = (sizes.m, sizes.n, sizes.k, sizes.batch)
    for layout in 0..<16 {
      let (turnA, turnB, gap, isShared) = (layout & 1 != 0, layout & 2 != 0, layout & 4 != 0 ? 3 : 0, layout & 8 != 0)
      if isShared, batch == 1 { continue }
      let (lda, ldb, ldc) = ((turnA ? m : k) + gap, (turnB ? k : n) + gap, n + gap)
      let (sizeA, sizeB, sizeC) = ((turnA ? k : m) * lda, (turnB ? n : k) * ldb, m * ldc)
      let a: [Number] = Self.numbers(max(1, sizeA * batch), seed: layout)
      let b: [Number] = Self.numbers(max(1, sizeB * (isShared ? 1 : batch)), seed: layout + 99)
      var products = dn_products()
      products.type = type
      (products.transpose_a, products.transpose_b) = (turnA, turnB)
      (products.m, products.n, products.k) = (Int64(m), Int64(n), Int64(k))
      (products.lda, products.ldb, products.ldc) = (Int64(lda), Int64(ldb), Int64(ldc))
      (products.batch, products.stride_a, products.stride_c) = (Int64(batch), Int64(sizeA), Int64(sizeC))
      products.stride_b = isShared ? 0 : Int64(sizeB)
      #expect(dn_products_prepare(&products, nil, 0) == 0)
      var ways = [dn_way](repeating: DN_WAY_BLOCKED, count: Int(DN_WAY_COUNT.rawValue))
      let count = Int(dn_products_ways(&products, &ways))
      #expect(ways.prefix(count).contains(products.way))
      let expected = (0..<sizeC * batch).map { index in
        let (product, place) = (index / max(1, sizeC), index % max(1, sizeC))
        let (row, column) = (place / ldc, place % ldc)
        if column >= n { return 7.0 }
        return (0..<k).reduce(0.0) { sum, p in
          let left = a[product * sizeA + (turnA ? p * lda + row : row * lda + p)]
          let right = b[(isShared ? 0 : product * sizeB) + (turnB ? column * ldb + p : p * ldb + column)]
          return sum + Double(left) * Double(right)
        }
      }
      for way in ways.prefix(count) {
        products.way = way
        let name = String(cString: dn_products_implementation(&products))
        for repetition in 0..<2 {
          var c = [Number](repeating: 7, count: max(1, sizeC * batch))
          #expect(dn_products_run(&products, a, b, &c, nil, 0) == 0)
          let worst = zip(c, expected).reduce(0) { max($0, abs(Double($1.0) - $1.1)) }
          let limit = Double(k + 1) * 4 * Double(Number.ulpOfOne)
          #expect(worst <= limit, "\(name), layout \(layout), run \(repetition)")
        }
      }
    }
  }

  @Test(arguments: sizes) private func products(_ sizes: Sizes) throws {
    try expectAgreement(DN_F32, Float.self, sizes)
    try expectAgreement(DN_F64, Double.self, sizes)
  }

  private struct Geometry: CustomTestStringConvertible {
    var size: Int, kernel: Int, channels: (Int, Int)
    var stride = 1
    var padding = (0, 0)
    var dilation = 1
    var groups = 1
    var testDescription: String {
      "\(size)², kernel \(kernel)², \(channels), stride \(stride), padding \(padding), dilation \(dilation), \(groups) groups"
    }

    func shape() -> dn_convolution_shape {
      let output = (size + padding.0 + padding.1 - dilation * (kernel - 1) - 1) / stride + 1
      func both(_ number: Int) -> (Int64, Int64, Int64) { (Int64(number), Int64(number), 0) }
      return dn_convolution_shape(
        type: DN_F32, rank: 2, batch: 3, groups: Int64(groups), input_channels: Int64(channels.0),
        output_channels: Int64(channels.1), input: both(size), kernel: both(kernel), output: both(output),
        stride: both(stride), dilation: both(dilation), pad_low: both(padding.0), pad_high: both(padding.1))
    }
  }

  private static let geometries = [
    Geometry(size: 5, kernel: 1, channels: (3, 4)), Geometry(size: 7, kernel: 3, channels: (1, 1)),
    Geometry(size: 12, kernel: 3, channels: (16, 32), padding: (1, 1)),
    Geometry(size: 17, kernel: 3, channels: (32, 16)),
    Geometry(size: 13, kernel: 3, channels: (16, 16), padding: (1, 0)),
    Geometry(size: 14, kernel: 5, channels: (6, 16), stride: 2, padding: (2, 2)),
    Geometry(size: 11, kernel: 2, channels: (8, 12), dilation: 3, groups: 4),
    Geometry(size: 1, kernel: 1, channels: (1, 1), padding: (0, 0)),
    Geometry(size: 6, kernel: 1, channels: (6, 4), groups: 2),
  ]

  /// Products serve pointwise convolutions as they are; groups see their own channels alone.
  @Test(arguments: [1, 2, 3]) func pointwiseConvolutions(groups: Int) throws {
    let geometry = Geometry(size: 4, kernel: 1, channels: (6, 12), groups: groups)
    var shape = geometry.shape()
    let (places, each, outputs) = (3 * 4 * 4, 6 / groups, 12 / groups)
    let a: [Float] = Self.numbers(places * 6, seed: 5)
    let b: [Float] = Self.numbers(each * 12, seed: 6)
    let convolution = try #require(dn_convolution_create_as(DN_CONVOLUTION_PRODUCTS, DN_CONV_FORWARD, &shape, nil, 0))
    defer { dn_convolution_destroy(convolution) }
    var c = [Float](repeating: 7, count: places * 12)
    #expect(dn_convolution_run(convolution, a, b, &c, nil, 0) == 0)
    for place in 0..<places {
      for output in 0..<12 {
        let first = place * 6 + output / outputs * each
        let expected = (0..<each).reduce(0.0) { $0 + Double(a[first + $1]) * Double(b[$1 * 12 + output]) }
        #expect(abs(Double(c[place * 12 + output]) - expected) < 1e-5)
      }
    }
  }

  @Test(arguments: geometries) private func convolutions(_ geometry: Geometry) throws {
    var shape = geometry.shape()
    let inputs = 3 * geometry.size * geometry.size * geometry.channels.0
    let outputs = 3 * Int(shape.output.0 * shape.output.1) * geometry.channels.1
    let weights = geometry.kernel * geometry.kernel * geometry.channels.0 / geometry.groups * geometry.channels.1
    for (direction, counts) in [
      (DN_CONV_FORWARD, (inputs, weights, outputs)), (DN_CONV_BACKWARD_INPUT, (outputs, weights, inputs)),
      (DN_CONV_BACKWARD_WEIGHTS, (inputs, outputs, weights)),
    ] {
      let a: [Float] = Self.numbers(counts.0, seed: 1)
      let b: [Float] = Self.numbers(counts.1, seed: 2)
      func result(_ way: dn_convolution_way) throws -> [Float] {
        let convolution = try #require(dn_convolution_create_as(way, direction, &shape, nil, 0))
        defer { dn_convolution_destroy(convolution) }
        // What is asked of oneDNN is not done by products.
        let found = dn_convolution_way_of(convolution)
        #expect((found == DN_CONVOLUTION_PRODUCTS) == (way == DN_CONVOLUTION_PRODUCTS) || way == DN_CONVOLUTION_CHOSEN)
        var c = [Float](repeating: 7, count: counts.2)
        #expect(dn_convolution_run(convolution, a, b, &c, nil, 0) == 0)
        return c
      }
      var ways = [dn_convolution_way](repeating: DN_CONVOLUTION_PRODUCTS, count: Int(DN_CONVOLUTION_WAYS.rawValue))
      let count = Int(dn_convolution_ways(direction, &shape, &ways))
      let expected = try result(DN_CONVOLUTION_PRODUCTS)
      let largest = expected.reduce(0) { max($0, abs($1)) }
      for way in ways.prefix(count) + [DN_CONVOLUTION_CHOSEN] {
        let worst = zip(try result(way), expected).reduce(0) { max($0, abs($1.0 - $1.1)) }
        #expect(worst <= 1e-5 * largest, "way \(way.rawValue), direction \(direction.rawValue)")
      }
    }
  }
}
