import DescentGraph

/// What Lanczos' method finds of a symmetric map: a tridiagonal matrix that is the map within the space of a vector and its images.
///
/// Each new direction is made orthogonal to all before it, twice, since rounding would bring those of eigenvectors that have been found
/// back in. Where the images of the first vector end, a random direction goes on, so that eigenvalues which occur several times are
/// found so often. Sources: Lanczos, 1950; Golub and Van Loan, "Matrix Computations", section 10.3.
struct Lanczos {
  /// The orthonormal directions `[steps, count]`.
  let basis: Tensor
  /// The eigenvalues of the tridiagonal matrix, ascending, `[steps]`, Float64.
  let values: Tensor
  /// The eigenvectors of the tridiagonal matrix, as columns `[steps, steps]`, Float64.
  let vectors: Tensor
  /// The length of what the last direction leaves outside the space, Float64: a bound on how far eigenvalues are off, times the last
  /// element of their vectors.
  let remainder: Tensor

  private struct State: Codable {
    var basis: Tensor
    var direction: Tensor
    /// The largest element of the tridiagonal matrix so far.
    var scale: Tensor
  }

  private struct Row: Codable {
    var diagonal: Tensor
    var next: Tensor
  }

  /// - Parameters:
  ///   - map: The map.
  ///   - start: The first direction `[count]`, of any length but 0.
  ///   - steps: The number of directions, at most the number of elements.
  ///   - key: The key of the directions that go on where images end.
  init(_ map: HessianMap, from start: Tensor, steps: Int, _ key: RandomKey) throws {
    let (count, type) = (map.vector.count, map.vector.elementType)
    let tolerance = type == .float64 ? 1e-13 : 1e-5
    func outside(_ vector: Tensor, _ basis: Tensor) -> Tensor {
      let once = vector - matmul(matmul(basis, vector), basis)
      return once - matmul(matmul(basis, once), basis)
    }
    func unit(_ vector: Tensor) -> Tensor { vector / maximum(sqrt(square(vector).sum()), Tensor(1e-30, type)) }
    let first = State(
      basis: Tensor(zeros: [steps, count], type), direction: unit(start), scale: Tensor(0, .float64))
    let rows = Tensor(rangeTo: steps).reshaped([steps, 1])
    let places = Tensor(rangeTo: steps).reshaped([steps, 1])
    let walk = ["place": places, "words": key.series(steps)]
    let (last, found) = try scan(over: walk, from: first) { (state: State, step: [String: Tensor]) -> (State, Row) in
      guard let place = step["place"], let words = step["words"] else { throw TensorError("Lanczos", "has no step") }
      let basis = `where`(rows .== place, state.direction, state.basis)
      let image = try map(state.direction)
      let diagonal = (image * state.direction).converted(to: .float64).sum()
      let remaining = outside(image, basis)
      let length = sqrt(square(remaining.converted(to: .float64)).sum())
      let scale = maximum(state.scale, maximum(abs(diagonal), length))
      let hasEnded = length .<= scale * tolerance
      let other = unit(outside(map.vector.signs(RandomKey(words: words)), basis))
      let next = `where`(hasEnded, other, unit(remaining))
      let row = Row(diagonal: diagonal, next: `where`(hasEnded, Tensor(0, .float64), length))
      return (State(basis: basis, direction: next, scale: scale), row)
    }
    basis = last.basis
    let beside = found.next.sliced(0..<steps - 1)
    let upper = beside.diagonalMatrix(offset: 1)
    let tridiagonal = found.diagonal.diagonalMatrix() + upper + upper.transposed()
    (values, vectors) = eigh(tridiagonal)
    remainder = found.next[steps - 1]
  }
}
