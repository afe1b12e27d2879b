import Descent
import Testing

@Suite struct Errors {
  @Test func travel() throws {
    let x = Tensor([1, 2, 3])
    let wrong = x + Tensor([1, 2])  // a tensor that carries the error
    let further = (2.0 * wrong).sum()  // passes it on
    do {
      print(try further.item())
    } catch let error as TensorError {
      print(error.operation, error.message, error.location ?? "")
    }

    #expect(further.error?.operation == "+")
    #expect(further.error?.description == wrong.error?.description)
  }

  @Test func kinds() throws {
    func attempt(_ body: () throws -> Void) -> String {
      do {
        try body()
        return "fine"
      } catch let error as any DescentError {
        return "\(error.subject): \(error.message)"
      } catch {
        return "\(error)"
      }
    }
    #expect(
      attempt { _ = try Dense(units: 2).loading("missing.safetensors") }
        == "missing.safetensors: no such file or directory")
  }

  @Test func ofLayers() throws {
    struct Network: Layer {
      var hidden = Dense(units: 4)
      func callAsFunction(_ x: Tensor) -> Tensor { hidden(x) }
    }
    let network = try Network().initialized(for: Tensor(zeros: [1, 3]))
    let outputs = network.predict(Tensor(zeros: [1, 5]))
    if let error = outputs.error { print(error) }
    let error = try #require(outputs.error)
    #expect(error.operation == "hidden (Dense)")
    #expect(error.message == "was made for 3 features, found an input [1, 5]")
  }
}
