import Descent

extension NamesTests {
  static func transforms() throws -> Values {
    var values: Values = [:]
    let (x, y, w) = (numbers(3, 4), numbers(3, 4, seed: 2), numbers(5, seed: 1))
    func total(_ x: Tensor) -> Tensor { (sin(x) * x).sum() }
    values["cond"] = [try cond(x.sum() .> 0, then: { x * 2 }, else: { x - 1 })]
    values["func.grad"] = [try gradient(at: x, of: total)]
    let both = try valueAndGradient(at: x, of: total)
    values["func.grad_and_value"] = [both.value, both.gradient]
    let further = try valueAndGradientWithAuxiliary(at: x) { x in (total(x), x + 1) }
    values["func.grad_and_value(has_aux=True)"] = [further.value, further.gradient, further.auxiliary]
    let forward = try jacobianVectorProduct(at: x, along: y) { x in sin(x) }
    values["func.jvp"] = [forward.value, forward.tangent]
    let line = try linearize(at: x) { x in sin(x) * x }
    values["func.linearize"] = [line.value, try line.differential(y)]
    let backward = try vectorJacobianProduct(at: x, cotangent: y) { x in sin(x) }
    values["func.vjp"] = [backward.value, backward.cotangents]
    let matrix = try jacobian(at: w) { w in sin(w).cumulativeSum() }
    values["func.jacrev"] = [matrix]
    values["func.jacfwd"] = [matrix]
    values["func.hessian"] = [try hessian(at: w) { w in (sin(w) * w.sum()).sum() }]
    values["autograd.functional.hvp"] = [try hessianVectorProduct(at: x, along: y, of: total)]
    let rows: (Tensor) throws -> Tensor = vectorized(over: 0) { row in row.cumulativeSum() * row.sum() }
    values["func.vmap"] = [try rows(x)]
    values["detach"] = [try gradient(at: x) { x in (stopGradient(x) * x).sum() }]
    return values
  }
}
