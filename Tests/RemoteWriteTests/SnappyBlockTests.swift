import RemoteWrite
import TestSupport
import Testing

@Suite struct SnappyBlockTests {
    @Test(arguments: [0, 1, 100, 70_000])
    func `blocks decompress to what was compressed`(count: Int) throws {
        var writer = WireWriter()
        writer.message(1, (0..<count).map { UInt8(truncatingIfNeeded: $0 / 7) })
        var buffer = ReusableBuffer()
        #expect(Self.decompress(writer.compressed, into: &buffer) == nil)
        #expect(Array(buffer.bytes) == writer.bytes)
        #expect(Self.decompress([0], into: &buffer) == nil)
        #expect(buffer.bytes.isEmpty)
    }

    @Test func `the declared size is checked before memory is taken`() {
        var buffer = ReusableBuffer()
        let bomb: [UInt8] = [0xff, 0xff, 0xff, 0xff, 0x0f, 0]
        #expect(
            Self.decompress(bomb, into: &buffer)
                == .tooLarge(declared: Int(UInt32.max), limit: 1 << 20)
        )
        // Within the limit, but more than any block of this length can hold.
        #expect(
            Self.decompress([0x80, 0x80, 0x10, 0], into: &buffer)
                == .implausibleSize(declared: 1 << 18, compressed: 4)
        )
        #expect(buffer.capacity == 0)
    }

    @Test(
        arguments: [
            ([], SnappyError.missingSize), ([0x80], .missingSize),
            ([0xff, 0xff, 0xff, 0xff, 0xff, 1], .missingSize),
            ([0xff, 0xff, 0xff, 0xff, 0x7f], .missingSize),
            ([4, 0, 1], .corrupt), ([0, 0], .corrupt), ([3], .corrupt),
            (
                [0xff, 0x06, 0x00, 0x00, 0x73, 0x4e, 0x61, 0x50, 0x70, 0x59],
                .implausibleSize(declared: 895, compressed: 10)
            ),
        ] as [([UInt8], SnappyError)]
    )
    func `what is no block is refused`(block: [UInt8], error: SnappyError) {
        var buffer = ReusableBuffer()
        #expect(Self.decompress(block, into: &buffer) == error)
    }

    private static func decompress(
        _ block: [UInt8],
        into buffer: inout ReusableBuffer
    ) -> SnappyError? {
        block.withUnsafeBytes { block in
            do throws(SnappyError) {
                try SnappyBlock.decompress(block, limit: 1 << 20, into: &buffer)
                return nil
            } catch {
                return error
            }
        }
    }
}
