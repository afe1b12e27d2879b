import DescentSearch
import Testing

@Suite struct DomainTests {
  @Test func domainsWithTheSamePartsAreEqual() {
    #expect(Domain.integer(1...4) == Domain.integer(1...4, scale: .linear, step: 1))
    #expect(Domain.real(0...1) != Domain.real(0...1, scale: .logarithmic))
  }
}
