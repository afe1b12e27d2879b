import DescentTensors

/// What users are told by transforms and control.
extension MistakeTests {
  func derivatives(_ told: MistakeListener) throws {
    told(
      { try gradient(at: vector) { $0 * 2.0 } },
      "gradient: the function gives float32[3], not one floating-point number; sum or average it, or ask for a jacobian"
    )
    told(
      { try gradient(at: vector) { ($0 .> 1.0).all() } },
      "gradient: the function gives bool[], not one floating-point number; sum or average it, or ask for a jacobian")
    told(
      { try gradient(at: vector) { x in matmul(x, Tensor([1, 2])) } },
      "matmul: inner sizes differ: [3] · [2] (3 ≠ 2)")
    told(
      { try gradient(at: vector) { x in Tensor(try x.sum().item()) } },
      "item: the value of float32[] is not known while a function is recorded; choose with where or cond, repeat with"
        + " whileLoop or scan, and read the function's result")
  }

  func control(_ told: MistakeListener) {
    struct State: Codable { var h: Tensor }
    let (vector, truth) = (Tensor([1, 2]), Tensor([1, 2]).sum() .> 0.0)
    told(
      {
        try scan(over: Tensor(zeros: [3, 64]), from: State(h: Tensor(zeros: [32, 64]))) { s, x in
          (State(h: concatenated([s.h, Tensor(zeros: [32, 1])], axis: 1)), x)
        }.state.h
      },
      "scan: the state's `h` enters as float32[32, 64] and leaves as float32[32, 65]")
    told(
      { try scan(over: vector, from: vector) { _, x in (x, x) }.state },
      "scan: the state enters as float32[2] and leaves as float32[]")
    told(
      { try scan(over: vector, from: vector) { (h: Tensor, x: Tensor) throws in (h, Tensor(try x.item())) }.outputs },
      "item: the value of float32[] is not known while a function is recorded; choose with where or cond, repeat with"
        + " whileLoop or scan, and read the function's result")
    told(
      { try scan(over: Tensor(1.0), from: vector) { h, x in (h, x) }.state },
      "scan: the sequence is float32[] and has no axis to walk along")
    told(
      { try scan(over: [vector, Tensor([1, 2, 3])], from: vector) { h, x in (h, x[0]) }.state },
      "scan: sequence 1 (0) has 2 steps, sequence 1 (1) has 3")
    told(
      { try scan(over: [Tensor](), from: vector) { h, x in (h, h) }.state },
      "scan: there is no sequence to walk along; give a length instead")
    told({ try scan(length: -1, from: vector) { h, x in (h, x) }.state }, "scan: cannot take -1 steps")
    told(
      { try scan(over: vector, from: [vector]) { (h: [Tensor], x: Tensor) throws in (h + h, x) }.outputs },
      "scan: the state enters with 1 tensors and leaves with 2, or in another form: only the values of tensors may"
        + " change")
    told(
      { try scan(over: vector, from: vector) { h, x in (h + Tensor([1, 2, 3]), x) }.state },
      "+: shapes [2] and [3] do not fit: sizes must be equal or 1")
    told(
      { try cond(vector, then: { vector }, else: { vector }) },
      "cond: the predicate is float32[2], not bool[]; compare, or reduce with all() or any()")
    told(
      { try cond(truth, then: { vector }, else: { Tensor(1.0) }) },
      "cond: the result comes from one branch as float32[] and comes from another as float32[2]")
    told({ try branch(Tensor(1.0), [{ vector }]) }, "branch: the index is float32[], not one integer")
    told({ try branch(Tensor(integers: [1], shape: []), []) }, "branch: there is no branch to choose")
    told(
      { try whileLoop(from: vector, while: { $0 .> 0.0 }, do: { $0 }) },
      "whileLoop: the condition gives bool[2], not bool[]; compare, or reduce with all() or any()")
    told(
      { try whileLoop(from: vector, while: { ($0 .> 0.0).any() }, do: { $0.sum() }) },
      "whileLoop: the state enters as float32[2] and leaves as float32[]")
    told(
      { try gradient(at: vector) { try whileLoop(from: $0, while: { ($0 .< 9.0).any() }, do: { 2.0 * $0 }).sum() } },
      "whileLoop: has no gradient: how many steps a backward pass would have to keep is not known before the loop"
        + " runs; use scan with a fixed number of steps, or forward mode")
  }

  func rules(_ told: MistakeListener) {
    let vector = Tensor([1, 2])
    told(
      {
        try customGradient(vector) {
          ($0, $0)
        } backward: { _, cotangent in
          cotangent.sum()
        }
      },
      "customGradient: the backward rule gives float32[] for the argument, which is float32[2]")
    told(
      {
        try customGradient(vector) {
          $0
        } tangent: { _, dx in
          dx.sum()
        }
      },
      "customGradient: the value comes from the function as float32[2] and comes from the tangent rule as float32[]")
    told(
      {
        try gradient(at: vector) { w in
          try customGradient(vector) {
            ($0 * w, $0)
          } backward: {
            $0 * $1
          }.sum()
        }
      },
      "customGradient: uses a tensor from outside that is being differentiated; make it an argument, so that the rule"
        + " can say what its derivative is")
    told(
      { vector.checkpointed { $0 + Tensor([1, 2, 3]) } },
      "+: shapes [2] and [3] do not fit: sizes must be equal or 1")
    told(
      { try gradient(at: whole) { $0.sum() } },
      "gradient: no argument has floating-point tensors to differentiate with respect to: the argument is int32[3]")
    told(
      { try jacobian(at: vector) { $0 .> 1.0 } },
      "jacobian: the function gives bool[2]; only floating-point tensors have derivatives")
    told(
      { try vectorJacobianProduct(at: vector, cotangent: vector) { $0.sum() }.cotangents },
      "vectorJacobianProduct: the cotangent is float32[2], the value that it belongs to is float32[]")
    told(
      { try jacobianVectorProduct(at: vector, along: whole) { $0.sum() }.tangent },
      "jacobianVectorProduct: the tangent is int32[3], the value that it belongs to is float32[2]")
    let square: (Tensor) throws -> Tensor = vectorized(over: 3) { $0 * $0 }
    told({ try square(matrix) }, "vectorized: the argument has the shape [2, 3] and no axis 3")
    told(
      { try compiled { (x: Tensor) in x.reshaped([7]) }(vector) }, "reshaped: [2] has 2 elements, [7] would have 7")
  }
}
