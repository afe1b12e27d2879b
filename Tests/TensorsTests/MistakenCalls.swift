import DescentGraph
import DescentTensors

/// A call of every public function of tensors with something that it cannot take.
struct MistakenCalls {
  typealias Call = (name: String, result: Tensor)

  let vector = Tensor([1, 2, 3])
  let pair = Tensor([1, 2])
  let matrix = Tensor(zeros: [2, 3])
  let whole = Tensor(integers: [1, 2, 3])
  let truths = Tensor([1.0, 2]) .> 1.5
  let images = Tensor(zeros: [1, 4, 4, 2])
  let key = RandomKey(seed: 1)
  let vast: Shape = [.max, 2]
  var complex: ComplexTensor { ComplexTensor(truths) }

  /// The calls with the name of the function that each calls.
  var all: [Call] {
    [
      ofOne, ofTwo, operators, activations, shapes, reductions, indexing, choices, pictures, products, systems, spectra,
      random, creation,
    ].flatMap { $0 }
  }

  private var ofOne: [Call] {
    let functions: [(String, (Tensor) -> Tensor)] = [
      ("abs", abs), ("acos", acos), ("acosh", acosh), ("asin", asin), ("asinh", asinh), ("atan", atan),
      ("atanh", atanh),
      ("cbrt", cbrt), ("ceil", ceil), ("cos", cos), ("cosh", cosh), ("degrees", degrees), ("digamma", digamma),
      ("entr", entr), ("erf", erf), ("erfInverse", erfInverse), ("erfc", erfc), ("erfcx", erfcx), ("exp", exp),
      ("exp2", exp2), ("expm1", expm1),
      ("floor", floor), ("frac", frac), ("isFinite", isFinite), ("isInfinite", isInfinite), ("isNaN", isNaN),
      ("isNegativeInfinity", isNegativeInfinity), ("isPositiveInfinity", isPositiveInfinity),
      ("logNdtr", logNdtr), ("ndtr", ndtr), ("ndtri", ndtri), ("lgamma", lgamma), ("log", log), ("log10", log10),
      ("log1p", log1p), ("log2", log2), ("logit", logit),
      ("popcount", popcount), ("radians", radians), ("reciprocal", reciprocal), ("round", round), ("rsqrt", rsqrt),
      ("sign", sign), ("signBit", signBit), ("sin", sin), ("sinc", sinc), ("sinh", sinh), ("sqrt", sqrt),
      ("square", square), ("tan", tan), ("tanh", tanh), ("trunc", trunc),
    ]
    let calls: [Call] = functions.map { ($0.0, $0.1(truths)) }
    let further: [Call] = [
      ("modf", modf(truths).fraction), ("modf", modf(truths).whole), ("nanToNum", nanToNum(truths)),
      ("polygamma", polygamma(1, truths)), ("polygamma", polygamma(0, truths)), ("pow", pow(truths, 2)),
      ("zip", zip(vector, pair) { $0 + $1 }), ("zip", zip(vector, vector, pair) { $0 + $1 + $2 }),
      ("lerp", lerp(whole, whole, whole)), ("lerp", lerp(vector, pair, vector)), ("lerp", lerp(truths, truths, 0.5)),
      ("pow", pow(truths, 0.5)), ("pow", pow(2.0, truths)),
      ("bitcast", vector.bitcast(to: .int8)),
    ]
    return calls + further
  }

  private var ofTwo: [Call] {
    let functions: [(String, (Tensor, Tensor) -> Tensor)] = [
      ("atan2", atan2), ("copySign", copySign), ("floorDivide", floorDivide), ("fmod", fmod), ("hypot", hypot),
      ("fmax", fmax), ("fmin", fmin), ("heaviside", heaviside), ("isIn", isIn), ("logAddExp", logAddExp),
      ("logAddExp2", logAddExp2), ("xLog1pY", xLog1pY), ("maximum", maximum), ("minimum", minimum),
      ("nextAfter", nextAfter),
      ("pow", pow), ("remainder", remainder), ("xLogY", xLogY), ("correlation", { correlation($0, $1) }),
      ("covariance", { covariance($0, $1) }), ("cosineSimilarity", { cosineSimilarity($0, $1) }),
      ("distances", { distances($0, $1) }), ("allClose", { allClose($0, $1) }), ("isClose", { isClose($0, $1) }),
      ("prelu", { prelu($0, slope: $1) }),
    ]
    let types: [Call] = functions.map { ($0.0, $0.1(vector, whole)) }
    let shapes: [Call] = functions.filter { $0.0 != "isIn" }.map { ($0.0, $0.1(vector, pair)) }
    let further: [Call] = [
      ("logicalAnd", logicalAnd(vector, pair)), ("logicalOr", logicalOr(vector, pair)),
      ("logicalXor", logicalXor(vector, pair)), ("maximum", maximum(whole, 0.5)), ("minimum", minimum(whole, 0.5)),
      ("interpolated", interpolated(vector, places: vector, values: pair)),
    ]
    return types + shapes + further
  }

  private var operators: [Call] {
    var sum = vector
    sum += pair
    var difference = vector
    difference -= pair
    var product = vector
    product *= pair
    var quotient = vector
    quotient /= pair
    var counted = whole
    counted += 0.5
    return [
      ("+", vector + pair), ("+", whole + 0.5), ("+", 0.5 + whole), ("-", vector - pair), ("-", whole - 0.5),
      ("-", 0.5 - whole), ("-", -truths), ("*", vector * pair), ("*", whole * 0.5), ("*", 0.5 * whole),
      ("/", vector / pair), ("/", whole / 0.5), ("/", 0.5 / whole), ("+=", sum), ("+=", counted), ("-=", difference),
      ("*=", product), ("/=", quotient), (".==", vector .== pair), (".!=", vector .!= pair), (".<", vector .< pair),
      (".<=", vector .<= pair), (".>", vector .> pair), (".>=", vector .>= pair), (".==", whole .== 0.5),
      (".!=", whole .!= 0.5), (".<", whole .< 0.5), (".<=", whole .<= 0.5), (".>", whole .> 0.5),
      (".>=", whole .>= 0.5), (".&", vector .& vector), (".|", vector .| vector), (".^", vector .^ vector),
      (".!", .!vector), ("<<", vector << vector), ("<<", vector << 2), (">>", vector >> vector), (">>", vector >> 2),
      ("<<", whole << -1), (">>", whole >> -1),
    ]
  }

  private var activations: [Call] {
    let functions: [(String, (Tensor) -> Tensor)] = [
      ("celu", { celu($0) }), ("elu", { elu($0) }), ("gelu", { gelu($0) }), ("glu", { glu($0) }),
      ("hardShrink", { hardShrink($0) }), ("hardSigmoid", hardSigmoid), ("hardSwish", hardSwish),
      ("hardTanh", { hardTanh($0) }), ("leakyRelu", { leakyRelu($0) }), ("logSigmoid", logSigmoid), ("mish", mish),
      ("relu6", relu6), ("selu", selu), ("sigmoid", sigmoid), ("silu", silu),
      ("softShrink", { softShrink($0) }), ("softplus", softplus), ("softsign", softsign), ("tanhShrink", tanhShrink),
      ("thresholded", { thresholded($0, above: 1) }), ("layerNorm", { layerNorm($0) }), ("rmsNorm", { rmsNorm($0) }),
      ("groupNorm", { groupNorm($0, groups: 1) }), ("instanceNorm", { instanceNorm($0) }),
      ("logSoftmax", { logSoftmax($0) }), ("softmax", { softmax($0) }), ("softmin", { softmin($0) }),
      ("logSumExp", { logSumExp($0) }), ("logSumExp", { logSumExp($0, axes: [0]) }),
    ]
    let calls: [Call] = functions.map { ($0.0, $0.1(truths)) }
    let further: [Call] = [
      ("clamped", truths.clamped(0, 1)), ("clamped", vector.clamped(matrix, matrix)),
      ("clamped", whole.clamped(0.5, 1)),
      ("glu", glu(vector, axis: 4)), ("softmax", softmax(Tensor(1.0))), ("softmin", softmin(vector, axis: 3)),
      ("logSoftmax", logSoftmax(Tensor(1.0))), ("logSumExp", logSumExp(vector, axis: 1)),
      ("layerNorm", layerNorm(vector, axes: 1)), ("rmsNorm", rmsNorm(vector, axes: 1)),
      ("groupNorm", groupNorm(images, groups: 3)), ("instanceNorm", instanceNorm(vector)),
    ]
    return calls + further
  }

  private var shapes: [Call] {
    [
      ("broadcast", vector.broadcast(to: [2])), ("broadcast", broadcast([vector, pair])[0]),
      ("chunked", vector.chunked(0)[0]), ("concatenated", concatenated([])),
      ("concatenated", concatenated([vector, matrix])),
      ("diagonal", vector.diagonal()), ("diagonalMatrix", Tensor(1.0).diagonalMatrix()),
      ("expanded", vector.expanded(axis: 4)), ("flattened", vector.flattened(keeping: 2)),
      ("lowerTriangle", vector.lowerTriangle()), ("meshGrid", meshGrid([matrix])[0]),
      ("moved", vector.moved(0, to: 2)), ("moved", matrix.moved([0, 0], to: [0, 1])),
      ("quarterTurned", vector.quarterTurned()), ("repeated", vector.repeated(pair, total: 3)),
      ("repeated", vector.repeated(whole, total: -1)), ("oneHot", vector.oneHot(count: 2)),
      ("padded", vector.padded(low: [], high: [])),
      ("padded", vector.padded(low: [4], high: [4], mode: .reflect)),
      ("padded", whole.padded(low: [1], high: [1], with: 0.5)),
      ("repeated", vector.repeated(-1)), ("reshaped", vector.reshaped([2])), ("reshaped", vector.reshaped([-1, 2])),
      ("reversed", vector.reversed(axes: 1)), ("rolled", vector.rolled(by: 1, axis: 1)),
      ("sliced", vector.sliced(2..<9)),
      ("sliced", vector.sliced(from: vector, sizes: [2])), ("split", vector.split([2])[0]),
      ("squeezed", vector.squeezed(axes: [0])), ("stacked", stacked([vector, pair])), ("swapped", vector.swapped(0, 1)),
      ("tiled", vector.tiled([-1])), ("transposed", vector.transposed([1])), ("unstacked", Tensor(1.0).unstacked()[0]),
      ("upperTriangle", vector.upperTriangle()), ("trace", vector.trace()), ("resized", vector.resized([2])),
      ("resized", Tensor(zeros: [1, 2, 1]).resized([.max])),
      ("resized", Tensor(zeros: [1, 2, 1]).resized([3], method: .nearest, aligningCorners: true)),
      ("resized", Tensor(zeros: [1, 2, 1]).resized([3], method: .nearest, antialiasing: true)),
      ("resized", Tensor(zeros: [1, 2, 1]).resized([3], aligningCorners: true, antialiasing: true)),
      ("resized", Tensor(zeros: [1, 2, 1]).resized([.max], antialiasing: true)),
      ("scatteredMean", Tensor(integers: [1]).scatteredMean(Tensor(1), at: Tensor(integers: [0]))),
      ("scatteredMeanAlong", vector.scatteredMeanAlong(Tensor(1), at: Tensor([0.5]))),
    ]
  }

  private var reductions: [Call] {
    let functions: [(String, (Tensor) -> Tensor)] = [
      ("argMax", { $0.argMax(axis: 5) }), ("argMin", { $0.argMin(axis: 5) }), ("argSorted", { $0.argSorted(axis: 5) }),
      ("countNonzero", { $0.countNonzero(axes: 5) }), ("cumulativeLogSumExp", { $0.cumulativeLogSumExp(axis: 5) }),
      ("cumulativeMax", { $0.cumulativeMax(axis: 5) }), ("cumulativeMin", { $0.cumulativeMin(axis: 5) }),
      ("cumulativeProduct", { $0.cumulativeProduct(axis: 5) }), ("cumulativeSum", { $0.cumulativeSum(axis: 5) }),
      ("cumulativeTrapezoid", { $0.cumulativeTrapezoid(axis: 5) }),
      ("cumulativeTrapezoid", { $0.cumulativeTrapezoid(at: Tensor([1, 2])) }),
      ("differences", { $0.differences(axis: 5) }), ("max", { $0.max(axes: 5) }), ("mean", { $0.mean(axes: 5) }),
      ("median", { $0.median(axes: 5) }), ("min", { $0.min(axes: 5) }), ("nanMax", { $0.nanMax(axes: 5) }),
      ("nanMean", { $0.nanMean(axes: 5) }), ("nanMin", { $0.nanMin(axes: 5) }),
      ("nanMedian", { $0.nanMedian(axes: 5) }), ("nanQuantile", { $0.nanQuantile(2) }),
      ("quantiles", { $0.quantiles([0.5], axes: 5) }), ("quantiles", { $0.quantiles([]) }),
      ("nanSum", { $0.nanSum(axes: 5) }),
      ("norm", { $0.norm(axes: 5) }), ("normalized", { $0.normalized(axes: 5) }), ("product", { $0.product(axes: 5) }),
      ("quantile", { $0.quantile(0.5, axes: 5) }), ("sorted", { $0.sorted(axis: 5) }),
      ("standardDeviation", { $0.standardDeviation(axes: 5) }), ("sum", { $0.sum(axes: 5) }),
      ("trapezoid", { $0.trapezoid(axis: 5) }), ("variance", { $0.variance(axes: 5) }),
    ]
    let calls: [Call] = functions.map { ($0.0, $0.1(vector)) }
    let further: [Call] = [
      ("all", vector.all()), ("any", vector.any()), ("sum", truths.sum()), ("max", truths.max()),
      ("mean", whole.mean()),
      ("cumulativeMax", truths.cumulativeMax()), ("differences", truths.differences()),
      ("norm", vector.norm(.nan)), ("norm", vector.norm(-1, axes: 1)), ("pairwiseDistances", pairwiseDistances(vector)),
      ("norm", vector.norm(.infinity, axes: 1)), ("norm", vector.norm(1, axes: 1)),
      ("correlation", correlation(Tensor(1.0))), ("covariance", covariance(Tensor(1.0))),
      ("trapezoid", vector.trapezoid(at: pair)), ("argMin", Tensor(zeros: [0]).argMin()),
      ("median", Tensor(zeros: [0]).median()), ("sorted", sorted([vector, pair])[0]), ("sorted", sorted([])[0]),
      ("topK", vector.topK(4).values), ("topK", vector.topK(1, axis: 3).indices),
    ]
    return calls + further
  }

  private var indexing: [Call] {
    var assigned = vector
    assigned[0..<2] = vector
    var masked = vector
    masked[truths] = Tensor(0)
    return [
      ("subscript", vector[5]), ("subscript", vector[vector]), ("subscript", assigned), ("subscript", masked),
      ("binCount", vector.binCount(2)), ("compressed", vector.compressed(where: vector, count: 1)),
      ("gathered", vector.gathered(at: vector)), ("histogram", whole.histogram(bins: 2, range: 0...1).counts),
      ("histogram", vector.histogram(bins: 2, range: 0...1, weights: pair).counts),
      ("nonzero", vector.nonzero(count: -1)),
      ("replacing", vector.replacing(from: vector, with: vector)), ("scattered", vector.scattered(vector, at: vector)),
      ("scattered", matrix.scattered(pair, at: Tensor(integers: [0]))),
      ("scattered", vector.scattered(vector, atVectors: vector)),
      ("scatteredAlong", vector.scatteredAlong(vector, at: vector)), ("searchSorted", vector.searchSorted(whole)),
      ("taken", vector.taken(vector)), ("takenAlong", vector.takenAlong(vector)),
      ("unique", vector.unique(count: -1).values), ("unique", truths.unique(count: 2, filling: 0.5).values),
    ]
  }

  private var choices: [Call] {
    [
      ("where", `where`(vector, vector, vector)), ("where", `where`(truths, vector, vector)),
      ("where", `where`(truths, truths, 2)), ("where", `where`(truths, 2, truths)),
      ("where", `where`(vector, of: vector, standIn: 1, { $0 }, otherwise: vector)),
    ]
  }

  private var pictures: [Call] {
    [
      ("adaptiveAveragePool", adaptiveAveragePool(images, counts: [0])),
      ("adaptiveMaxPool", adaptiveMaxPool(images, counts: [0])), ("averagePool", averagePool(images, size: 9)),
      ("averagePool", averagePool(truths, size: 2)), ("maxPool", maxPool(images, size: 9)),
      ("maxPool", maxPool(vector, size: 2)),
      ("maxPool", maxPool(images, size: 2, padding: .each(2))), ("globalAveragePool", globalAveragePool(vector)),
      ("globalAveragePool", globalAveragePool(truths)), ("convolution", convolution(vector, matrix)),
      ("convolution", convolution(images, Tensor(zeros: [9, 9, 2, 1]))),
      ("transposedConvolution", transposedConvolution(vector, matrix)),
      ("transposedConvolution", transposedConvolution(images, Tensor(zeros: [3, 3, 2, 2], .float64))),
      ("maxPool", maxPool(images, size: 2, dilation: 0)), ("maxPool", maxPool(images, size: 2, dilation: 4)),
      ("gridSample", gridSample(vector, at: vector)),
      ("gridSample", gridSample(images, at: Tensor(zeros: [1, 1, 1, 2]), method: .cubic)),
      ("gridSample", gridSample(Tensor(zeros: [1, 2, 2, 2, 1]), at: Tensor(zeros: [1, 1, 1, 1, 2]))),
      ("pixelShuffle", pixelShuffle(images, factor: 2)),
      ("pixelUnshuffle", pixelUnshuffle(images, factor: 3)), ("unfolded", images.unfolded(sizes: [9])),
      ("folded", vector.folded(to: [4], sizes: [2])),
      (
        "scaledDotProductAttention",
        scaledDotProductAttention(matrix, Tensor(zeros: [4, 5]), Tensor(zeros: [4, 5]))
      ), ("scaledDotProductAttention", scaledDotProductAttention(matrix, matrix, matrix, mask: Tensor(zeros: [7, 7]))),
      ("attentionWeights", attentionWeights(matrix, Tensor(zeros: [4, 5]))),
      ("attentionWeights", attentionWeights(vector, matrix)),
      ("rotated", rotated(vector, at: vector)), ("rotated", rotated(matrix, at: Tensor(zeros: [9]))),
      ("sinusoids", sinusoids(at: vector, features: -1)),
    ]
  }

  private var products: [Call] {
    [
      ("matmul", matmul(vector, whole)), ("matmul", matmul(vector, pair)), ("inner", inner(vector, pair)),
      ("inner", inner(vector, whole)), ("inner", inner(Tensor(1.0), whole)), ("kron", kron(vector, whole)),
      ("outer", outer(vector, whole)), ("outer", outer(vector, matrix)),
      ("tensordot", tensordot(vector, vector, axes: 2)),
      ("tensordot", tensordot(vector, whole, axes: 1)), ("tensordot", tensordot(vector, vector, axes: ([3], [0]))),
      ("vectorDot", vectorDot(vector, pair)), ("vectorDot", vectorDot(vector, whole)),
      ("vectorDot", vectorDot(vector, vector, axis: 2)), ("cross", cross(vector, pair)),
      ("cross", cross(vector, whole)),
      ("multiDot", multiDot([])), ("multiDot", multiDot([matrix, Tensor(zeros: [3, 2], .float64)])),
      ("einsum", einsum("ij->", vector)), ("einsum", einsum("i,i->", vector, whole)),
      ("raggedDot", raggedDot(vector, vector, groupSizes: vector)),
    ]
  }

  private var systems: [Call] {
    let square = Tensor(identity: 2)
    return [
      ("cholesky", cholesky(vector)), ("choleskyInverse", choleskyInverse(matrix)),
      ("choleskySolve", choleskySolve(square, vector)), ("conditionNumber", conditionNumber(matrix, .one)),
      ("solve", solve(square, matrix, onRight: true)), ("svd", svd(vector, full: true).u),
      ("conditionNumber", conditionNumber(vector)),
      ("determinant", determinant(matrix)),
      ("eigh", eigh(matrix).values), ("eighValues", eighValues(matrix)), ("inverse", inverse(matrix)),
      ("leastSquares", leastSquares(square, vector)),
      ("leastSquares", leastSquares(square, Tensor(zeros: [2], .float64))),
      ("logDeterminant", logDeterminant(matrix).logarithm), ("lu", lu(vector).lower),
      ("matrixExponential", matrixExponential(matrix)), ("matrixNorm", matrixNorm(vector)),
      ("matrixPower", matrixPower(matrix, 2)), ("matrixRank", matrixRank(vector)),
      ("pseudoInverse", pseudoInverse(vector)),
      ("qr", qr(vector).q), ("solve", solve(square, vector)), ("svd", svd(vector).s), ("svdValues", svdValues(vector)),
      ("triangularSolve", triangularSolve(square, vector)),
    ]
  }

  private var spectra: [Call] {
    [
      ("fft", fft(truths).real), ("fft", fft(vector, axis: 3).real), ("fft", fft(vector, count: 0).real),
      ("fft2D", fft2D(complex).real), ("fftND", fftND(complex).real), ("inverseFFT", inverseFFT(complex).real),
      ("inverseFFT2D", inverseFFT2D(complex).real), ("inverseFFTND", inverseFFTND(complex).real),
      ("realFFT", realFFT(truths).real), ("realFFT", realFFT(vector, axis: 2).real),
      ("inverseRealFFT", inverseRealFFT(complex)), ("hermitianFFT", hermitianFFT(complex)),
      ("inverseHermitianFFT", inverseHermitianFFT(truths).real), ("realFFTND", realFFTND(vector, counts: []).real),
      ("realFFTND", realFFTND(matrix, axes: [0, 0]).real), ("realFFTND", realFFTND(truths).real),
      ("inverseRealFFTND", inverseRealFFTND(complex)), ("realFFT2D", realFFT2D(vector).real),
      ("inverseRealFFT2D", inverseRealFFT2D(complex)), ("fftShift", fftShift(vector, axes: [2])),
      ("inverseFFTShift", inverseFFTShift(vector, axes: [2])), ("fftConvolution", fftConvolution(vector, matrix)),
      ("fftConvolution", fftConvolution(truths, truths)), ("fftFrequencies", fftFrequencies(-1)),
      ("realFFTFrequencies", realFFTFrequencies(-1)),
    ]
  }

  private var random: [Call] {
    let drawn: [(String, (Shape) -> Tensor)] = [
      ("bernoulli", { key.bernoulli($0, probability: 0.5) }), ("beta", { key.beta($0, 1, 1) }),
      ("binomial", { key.binomial($0, count: 2, probability: 0.5) }), ("bits", key.bits),
      ("cauchy", { key.cauchy($0) }),
      ("chiSquared", { key.chiSquared($0, degreesOfFreedom: 2) }), ("exponential", { key.exponential($0) }),
      ("gamma", { key.gamma($0, concentration: 1) }), ("geometric", { key.geometric($0, probability: 0.5) }),
      ("gumbel", { key.gumbel($0) }), ("integers", { key.integers($0, in: 0..<2) }), ("laplace", { key.laplace($0) }),
      ("logNormal", { key.logNormal($0) }), ("logistic", { key.logistic($0) }),
      ("negativeBinomial", { key.negativeBinomial($0, successes: 1, probability: 0.5) }),
      ("normal", { key.normal($0) }),
      ("pareto", { key.pareto($0, exponent: 1) }), ("poisson", { key.poisson($0, rate: 1) }),
      ("studentT", { key.studentT($0, degreesOfFreedom: 1) }), ("truncatedNormal", { key.truncatedNormal($0) }),
      ("uniform", { key.uniform($0) }), ("weibull", { key.weibull($0, concentration: 1) }),
      ("multivariateNormal", { key.multivariateNormal($0, mean: Tensor([0.0]), covariance: Tensor(identity: 1)) }),
    ]
    let calls: [Call] = drawn.map { ($0.0, $0.1(vast)) }
    let further: [Call] = [
      ("categorical", key.categorical(logits: whole)), ("categorical", key.categorical(logits: vector, axis: 2)),
      ("choices", key.choices(9, weights: vector)), ("dirichlet", key.dirichlet(concentration: Tensor(1.0))),
      ("gumbelSoftmax", key.gumbelSoftmax(logits: whole)),
      ("gumbelSoftmax", key.gumbelSoftmax(logits: vector, axis: 2)),
      ("multinomial", key.multinomial(-1, probabilities: vector)), ("permutation", key.permutation(-1)),
      ("shuffled", key.shuffled(vector, axis: 2)), ("split", RandomKey(words: vector).split(1).words),
    ]
    return calls + further
  }

  private var creation: [Call] {
    [
      ("Tensor", Tensor(zeros: vast)), ("Tensor", Tensor(ones: [-1])),
      ("Tensor", Tensor(repeating: 0.5, shape: [], .int8)),
      ("Tensor", Tensor([1, 2], shape: [3])), ("Tensor", Tensor([[1], [1, 2]])), ("Tensor", Tensor(rangeTo: -1)),
      ("Tensor", Tensor(identity: -1)), ("Tensor", Tensor(rangeFrom: 0, to: 1, by: 0)),
      ("Tensor", Tensor(rangeFrom: 0, through: 1, count: -1)), ("Tensor", Tensor(integers: [1], shape: [2])),
      ("ComplexTensor", ComplexTensor(real: vector, imaginary: whole).real),
    ]
  }
}
