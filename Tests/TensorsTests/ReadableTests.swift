import DescentGraph
import DescentTensors
import Testing

/// Elements in types of Swift: single ones, and arrays of the tensor's rank.
@Suite struct ReadableTests {
  @Test func arraysOfEveryRank() throws {
    let cube = Tensor((0..<24).map { Double($0) - 0.5 }, shape: [2, 3, 4])
    let numbers: [[[Float]]] = try cube.array()
    #expect(numbers.count == 2 && numbers[1].count == 3 && numbers[1][2].count == 4)
    #expect(numbers[0][0] == [-0.5, 0.5, 1.5, 2.5] && numbers[1][2][3] == 22.5)
    #expect(try cube.array(as: [[[Int]]].self)[1][0] == [11, 12, 13, 14])
    #expect(try Tensor([1, 0, 3]).array(as: [Bool].self) == [true, false, true])
    #expect(try Tensor(2.5).array(as: Double.self) == 2.5)
    #expect(try Tensor(zeros: [2, 0]).array(as: [[Double]].self) == [[], []])
    #expect(try Tensor(zeros: [0, 2]).array(as: [[Double]].self) == [])
    #expect(try Tensor([1, 0, 3]).booleans() == [true, false, true])
  }

  @Test(arguments: ElementType.allCases) func singleElementsOfEveryType(_ type: ElementType) throws {
    let one = Tensor([1], shape: [1, 1], type)
    #expect(try one.item() == 1)
    #expect(try one.item(as: Float.self) == 1)
    #expect(try one.item(as: Int.self) == 1)
    #expect(try one.item(as: Bool.self))
  }

  @Test func mistakes() {
    func message(_ body: () throws -> Any) -> String? { #expect(throws: TensorError.self) { _ = try body() }?.message }
    #expect(
      message { try Tensor([1, 2]).array(as: [[Double]].self) }
        == "the tensor [2] has rank 1, Array<Array<Double>> has rank 2")
    #expect(message { try Tensor([1, 2]).item(as: Int.self) } == "the tensor [2] has 2 elements, not one")
    #expect(
      message { try (Tensor([1, 2]) + Tensor([1, 2, 3])).array(as: [Int].self) }?.contains("do not fit") == true)
  }
}
