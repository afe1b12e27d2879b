import CNative
import DescentCompiler
import DescentGraph

extension Dot: KernelOperation {
  var isWidened: Bool { true }
  func kernel(at site: KernelSite) throws(OperationError) -> any Kernel {
    guard let product = site.product else { throw OperationError(name, "was not written as products of matrices") }
    return try ProductKernel(
      product, site.results[0].elementType, left: site.addresses[0], right: site.addresses[1],
      result: site.addresses[2])
  }
}

/// A kernel of matrix products.
final class ProductKernel: Kernel, @unchecked Sendable {
  private struct Loop {
    var count = 1
    var left = 0
    var right = 0
    var result = 0
  }

  private struct Call {
    var elementBytes: Int
    /// The innermost loop, which is one call of the C floor where elements are real numbers.
    var products: dn_products
    var inner: Loop
    var isReal: Bool
    var outerCount: Int
    var outer: UnsafeMutablePointer<Loop>
  }

  let addresses: [Address]
  let cost: KernelCost
  private let call: Parameters<Call>

  /// Prepares the products of one `Dot`.
  ///
  /// - Throws: `OperationError` where the C floor refuses them.
  init(
    _ product: MatrixProduct, _ type: ElementType, left: Address, right: Address, result: Address
  ) throws(OperationError) {
    let size = type.byteCount
    addresses = [
      Address(region: left.region, offset: left.offset + product.left.offset * size),
      Address(region: right.region, offset: right.offset + product.right.offset * size), result,
    ]
    let loops = product.loops.map {
      Loop(count: $0.count, left: $0.strides[0], right: $0.strides[1], result: $0.strides[2])
    }
    let inner = loops.last ?? Loop()
    var products = dn_products()
    products.type = type.native
    (products.transpose_a, products.transpose_b) = (product.left.isTransposed, product.right.isTransposed)
    (products.m, products.n, products.k) = (Int64(product.rows), Int64(product.columns), Int64(product.terms))
    (products.lda, products.ldb) = (Int64(product.left.rowStride), Int64(product.right.rowStride))
    products.ldc = products.n
    (products.batch, products.stride_a) = (Int64(inner.count), Int64(inner.left))
    (products.stride_b, products.stride_c) = (Int64(inner.right), Int64(inner.result))
    let isReal = products.type.rawValue <= DN_F64.rawValue
    var error = [CChar](repeating: 0, count: errorCapacity)
    if isReal, dn_products_prepare(&products, &error, errorCapacity) != 0 {
      throw OperationError("dot", message(error))
    }
    let outer = UnsafeMutablePointer<Loop>.allocate(capacity: max(1, loops.count))
    for (index, loop) in loops.dropLast().enumerated() { (outer + index).initialize(to: loop) }
    call = Parameters(
      Call(
        elementBytes: size, products: products, inner: inner, isReal: isReal, outerCount: max(0, loops.count - 1),
        outer: outer))
    let count = loops.reduce(1) { $0 * $1.count }
    let (m, n, k) = (product.rows, product.columns, product.terms)
    cost = KernelCost(
      name: "dot", shapes: (count == 1 ? "" : "\(count) × ") + "[\(m), \(k)]·[\(k), \(n)]",
      bytes: Double(count * (m * k + k * n + m * n) * size), flops: product.flops)
  }

  deinit { call.pointer.pointee.outer.deallocate() }

  var parameters: UnsafeRawPointer { UnsafeRawPointer(call.pointer) }

  var function: KernelFunction {
    { parameters, addresses, error in
      let call = UnsafeMutablePointer(mutating: parameters.assumingMemoryBound(to: Call.self))
      guard let left = addresses[0], let right = addresses[1], let result = addresses[2] else { return 1 }
      return ProductKernel.run(call, 0, left, right, result, error)
    }
  }

  /// Runs the loops from `depth` on.
  private static func run(
    _ call: UnsafeMutablePointer<Call>, _ depth: Int, _ left: UnsafeMutableRawPointer, _ right: UnsafeMutableRawPointer,
    _ result: UnsafeMutableRawPointer, _ error: UnsafeMutablePointer<CChar>
  ) -> Int32 {
    let (size, isInnermost) = (call.pointee.elementBytes, depth == call.pointee.outerCount)
    if isInnermost, call.pointee.isReal {
      return dn_products_run(&call.pointee.products, left, right, result, error, errorCapacity)
    }
    let loop = isInnermost ? call.pointee.inner : call.pointee.outer[depth]
    for index in 0..<loop.count {
      let (a, b) = (left + index * loop.left * size, right + index * loop.right * size)
      let c = result + index * loop.result * size
      let status = isInnermost ? integers(call, a, b, c) : run(call, depth + 1, a, b, c, error)
      if status != 0 { return status }
    }
    return 0
  }

  private static func integers(
    _ call: UnsafePointer<Call>, _ left: UnsafeMutableRawPointer, _ right: UnsafeMutableRawPointer,
    _ result: UnsafeMutableRawPointer
  ) -> Int32 {
    let p = call.pointee.products
    let isDone = dn_integer_gemm(p.type, p.transpose_a, p.transpose_b, p.m, p.n, p.k, left, p.lda, right, p.ldb, result)
    return isDone ? 0 : 1
  }
}
