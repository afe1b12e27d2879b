import DescentTensors

/// The formulas of the schedules, in Float64.
struct ScheduleFormulas {
  /// The number of the step, counted from 1.
  let step: Tensor
  let numbers: [String: Hyperparameter]

  func rate(_ kind: ScheduleKind) -> Tensor {
    let place = step - 1.0
    switch kind {
    case .constant: return number("rate")
    case .linear: return line(from: number("initial"), to: number("final"), part)
    case .polynomial:
      let left = pow(1.0 - part, number("power"))
      return line(from: number("floor"), to: number("initial"), left)
    case .cosine: return annealed(from: number("initial"), to: number("floor"), part)
    case .cosineRestarts: return restarting(place)
    case .warmupCosine:
      let (peak, warmup) = (number("peak"), number("warmup"))
      // Without a warmup the first step has the peak.
      let top = maximum(warmup, Self.number(1))
      let falling = annealed(from: peak, to: number("floor"), ratio(step - top, number("total") - top))
      return `where`(step .< warmup, step * (peak / top), falling)
    case .step: return number("initial") * pow(number("factor"), floor(place / number("every")))
    case .exponential:
      return maximum(number("initial") * pow(number("factor"), place / number("every")), number("floor"))
    case .inverseTime: return number("initial") / (1.0 + number("decay") * place)
    case .inverseSquareRoot:
      let warmup = number("warmup")
      return number("peak") * minimum(step / warmup, sqrt(warmup / step))
    case .cyclic: return triangle(place)
    case .oneCycle, .linearOneCycle:
      let (peak, total) = (number("peak"), number("total"))
      let top = number("rising") * total - 1.0
      let move = kind == .oneCycle ? annealed : line
      let up = move(peak / 25, peak, ratio(place, top))
      let down = move(peak, peak / 250_000, ratio(place - top, total - 1.0 - top))
      return `where`(place .< top, up, down)
    }
  }

  private func number(_ name: String) -> Tensor { numbers[name]?.tensor ?? Self.number(.nan) }
  private static func number(_ value: Double) -> Tensor { Tensor(repeating: value, shape: [], .float64) }

  /// How much of `total` steps is behind, in 0...1.
  private var part: Tensor { ratio(step - 1.0, number("total") - 1.0) }

  private func line(from start: Tensor, to end: Tensor, _ part: Tensor) -> Tensor { start + (end - start) * part }

  /// Half a cosine from one rate to another.
  private func annealed(from start: Tensor, to end: Tensor, _ part: Tensor) -> Tensor {
    end + (start - end) / 2 * (1.0 + cos(Self.number(.pi) * part))
  }

  /// A ratio held within 0...1; over nothing it is 0 up to the part 0, and 1 after it.
  private func ratio(_ part: Tensor, _ whole: Tensor) -> Tensor {
    let zero = Self.number(0)
    let jump = `where`(part .> zero, Self.number(1), zero)
    let divisor = `where`(whole .> zero, whole, Self.number(1))
    return `where`(whole .> zero, minimum(maximum(part / divisor, zero), Self.number(1)), jump)
  }

  /// Half cosines whose periods grow.
  private func restarting(_ place: Tensor) -> Tensor {
    let (period, growth, one) = (number("period"), number("growth"), Self.number(1))
    let isConstant = growth .<= one
    let base = `where`(isConstant, one + one, growth)
    /// Where a cycle begins: the sum of the periods before it.
    func start(_ cycle: Tensor) -> Tensor {
      `where`(isConstant, cycle * period, period * (pow(base, cycle) - 1.0) / (base - 1.0))
    }
    let growing = floor(log(place / period * (base - 1.0) + 1.0) / log(base))
    var cycle = `where`(isConstant, floor(place / period), growing)
    // The logarithm may be off by its last place where a cycle begins.
    cycle = `where`(place .>= start(cycle + 1.0), cycle + 1.0, `where`(place .< start(cycle), cycle - 1.0, cycle))
    let length = `where`(isConstant, period, period * pow(base, cycle))
    let top = number("initial") * pow(number("factor"), cycle)
    return annealed(from: top, to: number("floor"), (place - start(cycle)) / length)
  }

  /// Up and down in equal parts.
  private func triangle(_ place: Tensor) -> Tensor {
    let (rising, falling) = (number("rising"), number("falling"))
    let whole = rising + falling
    let cycle = floor(place / whole)
    let inside = place - cycle * whole
    let height = `where`(inside .<= rising, inside / rising, (whole - inside) / falling)
    let factor = pow(number("cycleFactor"), cycle) * pow(number("stepFactor"), place)
    return number("lowest") + (number("highest") - number("lowest")) * height * factor
  }
}
