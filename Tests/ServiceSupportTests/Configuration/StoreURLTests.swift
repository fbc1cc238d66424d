import ServiceSupport
import Testing

@Suite struct StoreURLTests {
    @Test(arguments: [
        ("sqlite:./data/engram.db", "sqlite:./data/engram.db"),
        ("postgres://db/engram", "postgres://db/engram"),
        ("postgres://me@db:5432/engram", "postgres://me@db:5432/engram"),
        (
            "postgres://me:secret@db:5432/engram?sslmode=require",
            "postgres://me:***@db:5432/engram?sslmode=require"
        ),
        ("postgres://me:s@cr:t@db/engram", "postgres://me:***@db/engram"),
        ("postgres://me:a?b@db/engram", "postgres://me:***@db/engram"),
        (
            "postgres://db/engram?user=me&password=secret&application_name=x",
            "postgres://db/engram?user=me&password=***&application_name=x"
        ),
        ("postgres://db/engram?p%61ssword=secret", "postgres://db/engram?p%61ssword=***"),
        (
            "postgres://me:one@db/engram?sslpassword=two",
            "postgres://me:***@db/engram?sslpassword=***"
        ),
        ("postgres://me:s?password=t@u@db/engram", "postgres://me:***@db/engram"),
    ])
    func `passwords are masked and the rest is shown`(text: String, shown: String) throws {
        let url = try #require(StoreURL(text))
        #expect(url.description == shown)
        #expect("\(url)" == shown)
        #expect(url.connectionText == text)
    }

    @Test(arguments: ["", "sqlite:", "postgres://", "postgres:/db", "mysql://db/e", "engram.db"])
    func `other schemes and empty URLs are refused`(text: String) {
        #expect(StoreURL(text) == nil)
    }
}
