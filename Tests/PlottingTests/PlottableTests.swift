import DescentTensors
import Testing

@testable import DescentPlotting

@Suite struct PlottableTests {
  @Test func numbersAreReadInRowMajorOrder() throws {
    let nested = try Numbers([[1, 2, 3], [4, 5, 6]] as [[Int]])
    #expect(nested.shape == [2, 3])
    #expect(nested.values == [1, 2, 3, 4, 5, 6])
    let floats = try Numbers([0.5, .nan] as [Float])
    #expect(floats.shape == [2])
    #expect(floats.values[0] == 0.5 && floats.values[1].isNaN)
    let tensor = try Numbers(Tensor([1.0, 2, 3, 4]).reshaped([2, 2]))
    #expect(tensor.shape == [2, 2])
    #expect(tensor.values == [1, 2, 3, 4])
    #expect(try Numbers([] as [[Double]]).shape == [0])
    #expect(try Numbers(2.0).shape == [])
  }

  @Test func rowsOfDifferentSizesAreNamed() {
    let error = #expect(throws: TensorError.self) { try Numbers([[1, 2], [3]] as [[Int]]) }
    #expect(error?.message.contains("row 0 has the shape [2], row 1 has [1]") == true)
  }

  @Test func mistakesAreThrownWhereTheChartIsDrawn() throws {
    let counts = #expect(throws: TensorError.self) { try Chart("", [.line([1, 2, 3], [1, 2])]).svg() }
    #expect(counts?.description.hasPrefix("line: 3 numbers to the right and 2 upwards") == true)
    let matrix = #expect(throws: TensorError.self) { try Chart("", [.line(Tensor(zeros: [2, 2]))]).text() }
    #expect(matrix?.message.contains("[2, 2]") == true)
    let wrong = matmul(Tensor(zeros: [2, 3]), Tensor(zeros: [2, 3]))
    let carried = #expect(throws: TensorError.self) { try Chart("", [.line(wrong)]).svg() }
    #expect(carried?.operation == "matmul")
    #expect(throws: TensorError.self) { try Chart("", [.bars([1, 2], labels: ["a"])]).svg() }
    #expect(throws: TensorError.self) { try Chart("", [.scatter([1], [2], radius: .nan)]).svg() }
    #expect(throws: TensorError.self) { try Chart("", [.histogram([1.0], bins: 0)]).svg() }
    #expect(throws: TensorError.self) { try Chart("", [.histogram([1.0], in: 0...Double.infinity)]).svg() }
    #expect(Chart("", [.line([1, 2, 3], [1, 2])]).description.hasPrefix("Chart(error: line: 3 numbers"))
  }
}
