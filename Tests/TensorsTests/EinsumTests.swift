import DescentGraph
import DescentTensors
import Testing

/// `einsum` against its definition: the sum over all values of all indices.
@Suite("einsum")
struct EinsumTests {
  private func numbers(_ shape: Shape, _ salt: Double = 0) -> Tensor {
    Tensor((0..<shape.count).map { Double($0 * $0 % 11) - 4 + salt }, shape: shape, .float64)
  }

  /// The definition, for a text without spaces and ellipses and with an arrow.
  private func definition(_ text: String, _ operands: [Tensor]) throws -> [Double] {
    let sides = text.split(separator: ">", omittingEmptySubsequences: false)
    let terms = sides[0].dropLast().split(separator: ",", omittingEmptySubsequences: false).map(Array.init)
    let result = Array(sides[1])
    var sizes: [Character: Int] = [:]
    for (term, operand) in zip(terms, operands) {
      for (axis, index) in term.enumerated() { sizes[index] = operand.shape[axis] }
    }
    let indices = sizes.keys.sorted()
    let values = try operands.map { try $0.scalars() }
    func place(_ term: [Character], _ at: [Character: Int]) -> Int {
      term.reduce(0) { $0 * (sizes[$1] ?? 1) + (at[$1] ?? 0) }
    }
    var sums = [Double](repeating: 0, count: result.reduce(1) { $0 * (sizes[$1] ?? 1) })
    for combination in 0..<indices.reduce(1, { $0 * (sizes[$1] ?? 1) }) {
      var (rest, at) = (combination, [Character: Int]())
      for index in indices {
        at[index] = rest % (sizes[index] ?? 1)
        rest /= sizes[index] ?? 1
      }
      sums[place(result, at)] += zip(values, terms).reduce(1) { $0 * $1.0[place($1.1, at)] }
    }
    return sums
  }

  @Test func agreesWithItsDefinition() throws {
    let cases: [(String, [Shape])] = [
      ("i->i", [[4]]), ("i->", [[4]]), ("ij->ji", [[2, 3]]), ("ij->j", [[2, 3]]), ("ii->i", [[3, 3]]),
      ("ii->", [[3, 3]]), ("iii->i", [[2, 2, 2]]), ("iji->j", [[3, 2, 3]]), ("i,i->", [[4], [4]]),
      ("i,j->ij", [[2], [3]]), ("i,j->ji", [[2], [3]]), ("ij,jk->ik", [[2, 3], [3, 4]]),
      ("ij,jk->ki", [[2, 3], [3, 4]]), ("bij,bjk->bik", [[2, 2, 3], [2, 3, 2]]), ("ij,ij->ij", [[2, 3], [2, 3]]),
      ("ij,ij->", [[2, 3], [2, 3]]), ("ij,jk->k", [[2, 3], [3, 4]]), ("ij,k->j", [[2, 3], [4]]),
      ("ab,bc,cd->ad", [[2, 3], [3, 4], [4, 2]]), ("ab,ac,ad->bcd", [[2, 3], [2, 4], [2, 2]]),
      ("ab,bc,cd,de->ae", [[3, 2], [2, 4], [4, 2], [2, 3]]), ("a,a,a->a", [[3], [3], [3]]), (",a->a", [[], [3]]),
      ("bhqd,bhkd->bhqk", [[2, 2, 3, 2], [2, 2, 4, 2]]), ("ii,ij->j", [[3, 3], [3, 2]]),
      ("ab,ba->", [[2, 3], [3, 2]]),
      ("aB,Bc->ac", [[2, 3], [3, 2]]), ("ij,jk->ik", [[2, 0], [0, 3]]), ("ij->i", [[2, 0]]),
    ]
    for (text, shapes) in cases {
      let operands = shapes.enumerated().map { numbers($1, Double($0)) }
      #expect(try einsum(text, operands).scalars() == definition(text, operands), "\(text)")
    }
  }

  @Test func shorthand() throws {
    let (a, b) = (numbers([2, 3]), numbers([3, 4]))
    #expect(try einsum("ij,jk", a, b).scalars() == einsum("ij,jk->ik", a, b).scalars())
    #expect(try einsum("ba", a).scalars() == a.transposed().scalars())
    #expect(try einsum("ii", numbers([3, 3])).item() == einsum("ii->", numbers([3, 3])).item())
    #expect(try einsum(" i j , j k -> i k ", a, b).scalars() == einsum("ij,jk->ik", a, b).scalars())
    // Further axes, none, in the middle, and repeated to a common shape.
    let (c, d) = (numbers([5, 2, 3]), numbers([5, 3, 4]))
    #expect(try einsum("...ij,...jk->...ik", c, d).scalars() == matmul(c, d).scalars())
    #expect(try einsum("...ij,...jk->...ik", a, b).scalars() == matmul(a, b).scalars())
    #expect(try einsum("...ij,...jk", c, b).scalars() == matmul(c, b).scalars())
    #expect(einsum("...ij,jk->...ki", c, b).shape == [5, 4, 2])
    #expect(try einsum("i...j->j...i", c).scalars() == c.transposed([2, 1, 0]).scalars())
    #expect(try einsum("...->...", c).scalars() == c.scalars())
    #expect(try einsum("i...->...", c).scalars() == c.sum(axes: [0]).scalars())
    #expect(try einsum("...i->i", c).scalars() == c.sum(axes: [0, 1]).scalars())
    #expect(einsum("...,...->...", numbers([2, 1, 3]), numbers([4, 1])).shape == [2, 4, 3])
    #expect(
      try einsum("...,...->...", numbers([2, 1, 3]), numbers([4, 1])).scalars()
        == (numbers([2, 1, 3]) * numbers([4, 1])).scalars())
    #expect(einsum("...i,i->...", Tensor(ones: [1, 1, 2]), Tensor([1, 2])).shape == [1, 1])
  }

  @Test func gradients() throws {
    let (a, b) = (numbers([2, 3]), numbers([3, 3]))
    let (da, db) = try gradient(at: a, b) { a, b in einsum("ij,jj->i", a, b).sum() }
    // Σᵢⱼ aᵢⱼ·bⱼⱼ.
    let diagonal = try einsum("jj->j", b).scalars()
    #expect(try da.scalars() == diagonal + diagonal)
    let sums = try a.sum(axes: [0]).scalars()
    #expect(try db.scalars() == (0..<9).map { $0 % 4 == 0 ? sums[$0 / 4] : 0 })
  }

  @Test func mistakesPointAtTheirColumn() {
    func told(_ text: String, _ shapes: [Shape], _ message: String, line: Int = #line) {
      let error = einsum(text, shapes.map { Tensor(zeros: $0) }).error
      #expect(error?.message == message, "line \(line)")
    }
    let matrix: Shape = [2, 3]
    told("ij,jk->iq", [matrix, [3, 4]], "column 9 of \"ij,jk->iq\": the result's index q is in no operand")
    told("ij->ii", [matrix], "column 6 of \"ij->ii\": the result names i twice")
    told("ij,jk->ik", [matrix, [4, 4]], "column 4 of \"ij,jk->ik\": j has size 4 in [4, 4] and 3 before")
    told("ii->i", [matrix], "column 2 of \"ii->i\": i has size 3 in [2, 3] and 2 before")
    told("ijk->i", [matrix], "column 1 of \"ijk->i\": names 3 axes of a tensor [2, 3], which has 2")
    told("ij,i->j", [matrix, [2, 2]], "column 4 of \"ij,i->j\": names 1 axis of a tensor [2, 2], which has 2")
    told(
      "ij,...kl->i", [matrix, [2]], "column 4 of \"ij,...kl->i\": names at least 2 axes of a tensor [2], which has 1")
    told("i1->i", [matrix], "column 2 of \"i1->i\": \"1\" is neither an index, a comma nor \"->\"")
    told("ij-i", [matrix], "column 4 of \"ij-i\": expected \"->\"")
    told("ij->i,j", [matrix], "column 6 of \"ij->i,j\": \",\" is neither an index, a comma nor \"->\"")
    told("..ij->i", [matrix], "column 1 of \"..ij->i\": an ellipsis has three dots")
    told("...i...->i", [matrix], "column 5 of \"...i...->i\": a second ellipsis in one operand")
    told("ij->...i", [matrix], "column 5 of \"ij->...i\": the result has an ellipsis, but no operand has")
    told(
      "...,...->...", [matrix, [2, 2]], "column 5 of \"...,...->...\": the further axes of [2, 3] and [2, 2] do not fit"
    )
    told("ij,jk->ik", [matrix], "\"ij,jk->ik\" is for 2 operands, not 1")
    told("ij", [matrix, matrix], "\"ij\" is for 1 operand, not 2")
    told("", [matrix], "column 1 of \"\": names 0 axes of a tensor [2, 3], which has 2")
  }
}
