import Testing

@testable import DescentCompiler

/// Numbers of bytes as users write them.
@Suite struct ByteCountTests {
  @Test func numbersOfBytesAreRead() {
    #expect(ByteCount.parsed("1500000") == 1_500_000 && ByteCount.parsed("0") == 0)
    #expect(ByteCount.parsed("256K") == 256 << 10 && ByteCount.parsed("64m") == 64 << 20)
    #expect(ByteCount.parsed("2G") == 2 << 30)
    for text in ["", "M", "-1", "1.5G", "many", "9223372036854775807K"] { #expect(ByteCount.parsed(text) == nil) }
  }
}
