import DescentGraph
import DescentTensors
import Foundation
import Testing

@Suite("Fourier transforms")
struct FourierTests {
  private func numbers(_ shape: Shape, seed: UInt64 = 1) -> Tensor {
    RandomKey(seed: seed).uniform(shape, low: -1, high: 1).converted(to: .float64)
  }

  private func complex(_ shape: Shape) -> ComplexTensor {
    ComplexTensor(real: numbers(shape), imaginary: numbers(shape, seed: 2))
  }

  private func expectClose(
    _ a: Tensor, _ b: Tensor, _ tolerance: Double = 1e-12, sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    #expect(a.shape == b.shape, sourceLocation: sourceLocation)
    let worst = zip(try a.scalars(), try b.scalars()).map { abs($0 - $1) }.max() ?? 0
    #expect(worst <= tolerance, "off by \(worst)", sourceLocation: sourceLocation)
  }

  private func expectClose(
    _ a: ComplexTensor, _ b: ComplexTensor, sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    try expectClose(a.real, b.real, sourceLocation: sourceLocation)
    try expectClose(a.imaginary, b.imaginary, sourceLocation: sourceLocation)
  }

  @Test func knownTransforms() throws {
    let impulse = fft(Tensor([1, 0, 0, 0], .float64))
    #expect(try impulse.real.scalars() == [1, 1, 1, 1])
    #expect(try impulse.imaginary.scalars() == [0, 0, 0, 0])
    let wave = fft(Tensor((0..<12).map { Foundation.cos(2 * Double.pi * Double(3 * $0) / 12) }, .float64))
    try expectClose(wave.magnitude, Tensor([0, 0, 0, 6, 0, 0, 0, 0, 0, 6, 0, 0], .float64))
    let step = fft(Tensor([1, 2, 3], .float64))
    try expectClose(step.real, Tensor([6, -1.5, -1.5], .float64))
    try expectClose(step.imaginary, Tensor([0, 0.75.squareRoot(), -0.75.squareRoot()], .float64))
  }

  @Test func inverses() throws {
    for shape in [[8], [15], [37], [3, 10], [2, 5, 6]] as [Shape] {
      let x = complex(shape)
      for norm in [FourierNorm.backward, .orthonormal, .forward] {
        try expectClose(inverseFFT(fft(x, norm: norm), norm: norm), x)
        try expectClose(inverseFFT(fft(x, axis: 0, norm: norm), axis: 0, norm: norm), x)
        try expectClose(inverseFFTND(fftND(x, norm: norm), norm: norm), x)
        let count = shape.last ?? 0
        try expectClose(inverseRealFFT(realFFT(x.real, norm: norm), count: count, norm: norm), x.real)
      }
      // A transform of length 1 keeps lengths.
      let turned = fft(x, norm: .orthonormal)
      try expectClose(turned.squaredMagnitude.sum(), x.squaredMagnitude.sum())
    }
    let picture = complex([2, 4, 6])
    try expectClose(fft2D(picture), fft(fft(picture, axis: -1), axis: -2))
    try expectClose(inverseFFT2D(fft2D(picture)), picture)
  }

  @Test func realTransforms() throws {
    for count in [1, 2, 7, 8] {
      let x = numbers([3, count])
      let (half, whole) = (realFFT(x), fft(x))
      try expectClose(
        half,
        ComplexTensor(
          real: whole.real.sliced(0..<count / 2 + 1, axis: 1),
          imaginary: whole.imaginary.sliced(0..<count / 2 + 1, axis: 1)))
    }
    #expect(inverseRealFFT(complex([5])).shape == [8])
  }

  @Test func countsCutAndFill() throws {
    let x = numbers([5])
    try expectClose(fft(x, count: 3), fft(x.sliced(0..<3)))
    try expectClose(fft(x, count: 8), fft(x.padded(low: [0], high: [3])))
  }

  @Test func shiftsAndFrequencies() throws {
    #expect(try fftShift(Tensor([0, 1, 2, 3, 4])).scalars() == [3, 4, 0, 1, 2])
    #expect(try fftShift(Tensor([0, 1, 2, 3])).scalars() == [2, 3, 0, 1])
    for count in [1, 2, 5, 6] {
      let x = numbers([count, 3])
      #expect(try inverseFFTShift(fftShift(x)).scalars() == x.scalars())
    }
    #expect(try fftFrequencies(5, .float64).scalars() == [0, 0.2, 0.4, -0.4, -0.2])
    #expect(try fftFrequencies(4, spacing: 0.5, .float64).scalars() == [0, 0.5, -1, -0.5])
    #expect(try realFFTFrequencies(5, .float64).scalars() == [0, 0.2, 0.4])
  }

  @Test func convolutions() throws {
    let (x, y) = (numbers([2, 9]), numbers([2, 4], seed: 3))
    let found = try fftConvolution(x, y).scalars()
    let (a, b) = (try x.scalars(), try y.scalars())
    for row in 0..<2 {
      for place in 0..<12 {
        let wanted = (0..<4).reduce(0.0) { sum, k in
          (0..<9).contains(place - k) ? sum + a[row * 9 + place - k] * b[row * 4 + k] : sum
        }
        #expect(abs(found[row * 12 + place] - wanted) < 1e-12)
      }
    }
  }

  /// A filter learned in the domain of frequencies: the gradient of Parseval's sum is known.
  @Test func gradients() throws {
    let x = numbers([6])
    let slope = try gradient(at: x) { fft($0).squaredMagnitude.sum() }
    try expectClose(slope, 12.0 * x)
    let real = try gradient(at: x) { inverseRealFFT(realFFT($0) * Tensor([1, 0.5, 0, 2], .float64), count: 6).sum() }
    try expectClose(real, Tensor(ones: [6], .float64))
    let flat = try gradient(at: Tensor(zeros: [4])) { (x: Tensor) in fft(x).magnitude.sum() }
    #expect(try flat.scalars() == [0, 0, 0, 0])
  }

  @Test func mistakes() {
    func told(_ tensor: Tensor, _ message: String, line: Int = #line) {
      #expect(tensor.error.map { "\($0.operation): \($0.message)" } == message, "line \(line)")
    }
    let x = Tensor([1, 2, 3])
    told(fft(x, axis: 1).real, "fft: axis 1 does not exist in shape [3]")
    told(fft(x, count: 0).imaginary, "fft: the count 0 is not positive")
    told(realFFT(x, count: -4).real, "realFFT: the count -4 is not positive")
    told(
      fft(Tensor(integers: [1])).real,
      "fft: takes floating-point numbers, not int32; convert them with converted(to: .float32)")
    told(realFFT(Tensor(zeros: [2, 0])).real, "realFFT: axis -1 of [2, 0] is empty and has no spectrum")
    told(fftND(ComplexTensor(x), axes: [0, -1]).real, "fftND: axis -1 is named twice")
    told(fftND(ComplexTensor(x), counts: [1, 2]).real, "fftND: 2 counts for 1 axes")
    told(
      ComplexTensor(real: x, imaginary: Tensor([1])).real, "ComplexTensor: the parts differ: float32[3] and float32[1]")
    told(inverseRealFFT(ComplexTensor(Tensor([1]))), "inverseRealFFT: cannot give 0 numbers from [1]")
    told(fftFrequencies(-1), "fftFrequencies: the shape [-1] has a negative size")
    told(fftConvolution(x, Tensor([[1]])), "fftConvolution: [3] and [1, 1] do not fit along axis -1")
  }
}
