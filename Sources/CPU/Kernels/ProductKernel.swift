import CNative
import DescentCompiler
import DescentGraph

/// A kernel of matrix products.
final class ProductKernel: Kernel, @unchecked Sendable {
  private struct Loop {
    var count = 1
    var left = 0
    var right = 0
    var result = 0
  }

  private struct Call {
    var type: dn_type
    var elementBytes: Int
    var rows: Int64
    var columns: Int64
    var terms: Int64
    var left: MatrixProduct.Operand
    var right: MatrixProduct.Operand
    /// The innermost loop is one call of the C floor.
    var inner: Loop
    var outerCount: Int
    var outer: UnsafeMutablePointer<Loop>
  }

  let addresses: [Address]
  let cost: KernelCost
  private let call: Parameters<Call>

  /// Prepares the products of one `Dot`.
  init(_ product: MatrixProduct, _ type: ElementType, left: Address, right: Address, result: Address) {
    let size = type.byteCount
    addresses = [
      Address(region: left.region, offset: left.offset + product.left.offset * size),
      Address(region: right.region, offset: right.offset + product.right.offset * size), result,
    ]
    let loops = product.loops.map {
      Loop(count: $0.count, left: $0.strides[0], right: $0.strides[1], result: $0.strides[2])
    }
    let outer = UnsafeMutablePointer<Loop>.allocate(capacity: max(1, loops.count))
    for (index, loop) in loops.dropLast().enumerated() { (outer + index).initialize(to: loop) }
    call = Parameters(
      Call(
        type: type.native, elementBytes: size, rows: Int64(product.rows), columns: Int64(product.columns),
        terms: Int64(product.terms), left: product.left, right: product.right, inner: loops.last ?? Loop(),
        outerCount: max(0, loops.count - 1), outer: outer))
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
      let call = parameters.assumingMemoryBound(to: Call.self)
      guard let left = addresses[0], let right = addresses[1], let result = addresses[2] else { return 1 }
      return ProductKernel.run(call, 0, left, right, result, error)
    }
  }

  /// Runs the loops from `depth` on.
  private static func run(
    _ call: UnsafePointer<Call>, _ depth: Int, _ left: UnsafeMutableRawPointer, _ right: UnsafeMutableRawPointer,
    _ result: UnsafeMutableRawPointer, _ error: UnsafeMutablePointer<CChar>
  ) -> Int32 {
    let (size, isInnermost) = (call.pointee.elementBytes, depth == call.pointee.outerCount)
    if isInnermost, call.pointee.type.rawValue <= DN_F64.rawValue { return floats(call, left, right, result, error) }
    let loop = isInnermost ? call.pointee.inner : call.pointee.outer[depth]
    for index in 0..<loop.count {
      let (a, b) = (left + index * loop.left * size, right + index * loop.right * size)
      let c = result + index * loop.result * size
      let status = isInnermost ? integers(call, a, b, c) : run(call, depth + 1, a, b, c, error)
      if status != 0 { return status }
    }
    return 0
  }

  private static func floats(
    _ call: UnsafePointer<Call>, _ left: UnsafeMutableRawPointer, _ right: UnsafeMutableRawPointer,
    _ result: UnsafeMutableRawPointer, _ error: UnsafeMutablePointer<CChar>
  ) -> Int32 {
    let (rows, columns, terms) = (call.pointee.rows, call.pointee.columns, call.pointee.terms)
    let (a, b, loop) = (call.pointee.left, call.pointee.right, call.pointee.inner)
    if loop.count == 1 {
      return dn_gemm(
        call.pointee.type, a.isTransposed, b.isTransposed, rows, columns, terms, 1, left, Int64(a.rowStride), right,
        Int64(b.rowStride), 0, result, columns, error, errorCapacity)
    }
    return dn_gemm_batched(
      call.pointee.type, a.isTransposed, b.isTransposed, rows, columns, terms, 1, left, Int64(a.rowStride),
      Int64(loop.left), right, Int64(b.rowStride), Int64(loop.right), 0, result, columns, Int64(loop.result),
      Int64(loop.count), error, errorCapacity)
  }

  private static func integers(
    _ call: UnsafePointer<Call>, _ left: UnsafeMutableRawPointer, _ right: UnsafeMutableRawPointer,
    _ result: UnsafeMutableRawPointer
  ) -> Int32 {
    let isDone = dn_integer_gemm(
      call.pointee.type, call.pointee.left.isTransposed, call.pointee.right.isTransposed, call.pointee.rows,
      call.pointee.columns, call.pointee.terms, left, Int64(call.pointee.left.rowStride), right,
      Int64(call.pointee.right.rowStride), result)
    return isDone ? 0 : 1
  }
}
