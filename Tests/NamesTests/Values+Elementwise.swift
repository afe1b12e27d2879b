import Descent

extension NamesTests {
  private static let x = numbers(3, 4)
  private static let y = numbers(3, 4, seed: 2)
  private static let p = positive(3, 4)
  private static let u = unit(3, 4)
  private static let a = integers(3, 4)
  private static let b = integers(3, 4, seed: 3)
  private static let odd = reals([.nan, .infinity, -.infinity, -2.5, -0.5, 0.5, 1.5, 3])

  static func creation() -> Values {
    var values: Values = [:]
    let (v, w) = (numbers(7), numbers(5, seed: 1))
    values["tensor"] = [x]
    values["zeros"] = [Tensor(zeros: [2, 3])]
    values["ones"] = [Tensor(ones: [2, 3])]
    values["full"] = [Tensor(repeating: 1.5, shape: [2, 3])]
    values["zeros_like"] = [Tensor(zerosLike: x)]
    values["ones_like"] = [Tensor(onesLike: x)]
    values["full_like"] = [Tensor(repeating: 2.5, like: x)]
    values["arange"] = [Tensor(rangeTo: 5), Tensor(rangeFrom: 1, to: 4, by: 0.75)]
    values["linspace"] = [Tensor(rangeFrom: -1, through: 2, count: 5)]
    values["eye"] = [Tensor(identity: 3), Tensor(identity: 2, columns: 4)]
    values["diag_embed"] = [w.diagonalMatrix(), w.diagonalMatrix(offset: -1)]
    values["meshgrid"] = meshGrid([v[..<2], w[..<3]])
    values["F.one_hot"] = [indices([2, 0, 1]).oneHot(count: 4)]
    values["to"] = [(x * 10).converted(to: .int32)]
    values["view"] = [Tensor([1.5, -2]).bitcast(to: .int32)]
    return values
  }

  static func elementwise() -> Values {
    var values: Values = [:]
    values["+"] = [x + y]
    values["-"] = [x - y]
    values["*"] = [x * y]
    values["/"] = [x / p]
    values["abs"] = [abs(x)]
    values["sign"] = [sign(x)]
    values["signbit"] = [signBit(x)]
    values["copysign"] = [copySign(x, y)]
    values["square"] = [square(x)]
    values["sqrt"] = [sqrt(p)]
    values["rsqrt"] = [rsqrt(p)]
    values["pow"] = [pow(p, y), pow(x, 3)]
    values["hypot"] = [hypot(x, y)]
    values["exp"] = [exp(x)]
    values["exp2"] = [exp2(x)]
    values["expm1"] = [expm1(x)]
    values["sin"] = [sin(x)]
    values["cos"] = [cos(x)]
    values["tan"] = [tan(x)]
    values["sinh"] = [sinh(x)]
    values["cosh"] = [cosh(x)]
    values["tanh"] = [tanh(x)]
    values["asinh"] = [asinh(x)]
    values["atan"] = [atan(x)]
    values["erf"] = [erf(x)]
    values["erfc"] = [erfc(x)]
    values["sinc"] = [sinc(x)]
    values["log"] = [log(p)]
    values["log2"] = [log2(p)]
    values["log10"] = [log10(p)]
    values["log1p"] = [log1p(p)]
    values["lgamma"] = [lgamma(p)]
    values["digamma"] = [digamma(p)]
    values["polygamma"] = [polygamma(2, p)]
    values["reciprocal"] = [reciprocal(p)]
    values["asin"] = [asin(u)]
    values["acos"] = [acos(u)]
    values["atanh"] = [atanh(u)]
    values["erfinv"] = [erfInverse(u)]
    values["acosh"] = [acosh(p + 1)]
    values["logaddexp"] = [logAddExp(x, y)]
    values["atan2"] = [atan2(x, y)]
    values["rad2deg"] = [degrees(x)]
    values["deg2rad"] = [radians(x)]
    values["floor"] = [floor(x * 2)]
    values["ceil"] = [ceil(x * 2)]
    values["trunc"] = [trunc(x * 2)]
    values["round"] = [round(x * 2)]
    values["frac"] = [frac(x * 2)]
    let (four, minusFour) = (indices([4], []), indices([-4], []))
    values["floor_divide"] = [floorDivide(x, p), floorDivide(a, four)]
    values["remainder"] = [remainder(x, y - 0.1), remainder(a, four), remainder(a, minusFour)]
    values["fmod"] = [fmod(x, y - 0.1), fmod(a, four), fmod(a, minusFour)]
    values["maximum"] = [maximum(x, y)]
    values["minimum"] = [minimum(x, y)]
    values["clamp"] = [x.clamped(-0.75, 1.25)]
    values["nan_to_num"] = [nanToNum(odd), nanToNum(odd, nan: 1, infinity: 2, negativeInfinity: 3)]
    values["logit"] = [logit((u + 1) / 2)]
    values["nextafter"] = [nextAfter(x, y)]
    values["xlogy"] = [xLogY(x, p), xLogY(reals([0, 0]), reals([0, .nan]))]
    values["bitwise_and"] = [a .& b]
    values["bitwise_or"] = [a .| b]
    values["bitwise_xor"] = [a .^ b]
    values["bitwise_not"] = [.!a]
    values["<<"] = [a << 3]
    values[">>"] = [a >> 2]
    return values
  }

  static func activations() -> Values {
    var values: Values = [:]
    let wide = x * 4
    values["F.relu"] = [relu(wide)]
    values["F.relu6"] = [relu6(wide)]
    values["F.leaky_relu"] = [leakyRelu(wide), leakyRelu(x, slope: 0.3)]
    values["F.prelu"] = [prelu(x, slope: reals([0.1, 0.2, 0.3, 0.4]))]
    values["F.elu"] = [elu(wide), elu(x, alpha: 0.5)]
    values["F.selu"] = [selu(wide)]
    values["F.celu"] = [celu(wide), celu(x, alpha: 0.5)]
    values["F.gelu"] = [gelu(wide), gelu(x, .tanh)]
    values["F.silu"] = [silu(wide)]
    values["F.mish"] = [mish(wide)]
    values["sigmoid"] = [sigmoid(x)]
    values["F.logsigmoid"] = [logSigmoid(wide)]
    values["F.softplus"] = [softplus(wide)]
    values["F.softsign"] = [softsign(wide)]
    values["F.softmax"] = [softmax(x), softmax(x, axis: 0)]
    values["F.log_softmax"] = [logSoftmax(x), logSoftmax(x, axis: 0)]
    values["F.softmin"] = [softmin(x), softmin(x, axis: 0)]
    values["F.hardtanh"] = [hardTanh(wide), hardTanh(x, from: -0.5, to: 0.75)]
    values["F.hardsigmoid"] = [hardSigmoid(wide)]
    values["F.hardswish"] = [hardSwish(wide)]
    values["F.hardshrink"] = [hardShrink(wide), hardShrink(x, threshold: 1)]
    values["F.softshrink"] = [softShrink(wide), softShrink(x, threshold: 1)]
    values["F.tanhshrink"] = [tanhShrink(wide)]
    values["F.threshold"] = [thresholded(x, above: 0.5, otherwise: -7)]
    values["F.glu"] = [glu(x), glu(x.transposed(), axis: 0)]
    return values
  }

  static func choices() -> Values {
    var values: Values = [:]
    let turned = y.reversed(axes: 0)
    values["=="] = [x .== turned]
    values["!="] = [x .!= turned]
    values["<"] = [x .< y]
    values["<="] = [x .<= y]
    values[">"] = [x .> y]
    values[">="] = [x .>= y]
    let (c, d) = (x .> 0, y .> 0)
    values["&"] = [c .& d]
    values["|"] = [c .| d]
    values["~"] = [.!c]
    values["logical_xor"] = [c .^ d]
    values["where"] = [`where`(c, x, y)]
    values["isclose"] = [isClose(x, x * (1 + 1.5e-5)), isClose(x, x + 1e-9), isClose(odd, odd, nanIsClose: true)]
    values["allclose"] = [allClose(x, x + 1e-9), allClose(odd, odd)]
    values["isin"] = [isIn(a, indices([-3, 0, 4]))]
    values["isnan"] = [isNaN(odd)]
    values["isinf"] = [isInfinite(odd)]
    values["isfinite"] = [isFinite(odd)]
    values["all"] = [(x .> -2).all(), (x .> -2).all(axes: 0)]
    values["any"] = [(x .> 2).any(), (x .> 2).any(axes: 1, keepingAxes: true)]
    return values
  }
}
