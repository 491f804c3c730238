import BoardModels
import MartletCore
import Testing

@Suite("What dashboards are made of")
struct BoardReportTests {
    private static let features = BoardFeatures([
        "panels": ["stat", "graph", "timeseries"], "transformations": ["reduce"], "variables": ["query"],
        "datasources": ["prometheus": "prometheus"], "units": ["bytes", "s"],
    ])

    private func report(_ text: String) throws -> BoardReport {
        BoardReport(try JSONValue(parsing: text), Self.features)
    }

    private static let shop = """
        {"title":"Shop","schemaVersion":39,
         "templating":{"list":[{"type":"query","name":"a"},{"type":"groupby","name":"g"}]},
         "annotations":{"list":[{"builtIn":1,"datasource":{"type":"weather","uid":"w"}}]},
         "panels":[{"type":"geomap","title":"Map","targets":[{"datasource":{"type":"mysql","uid":"m"}}]},
          {"type":"row","title":"Row","panels":[{"type":"geomap","title":"Two","datasource":{"type":"datasource","uid":"-- Mixed --"}}]},
          {"type":"stat","title":"S","fieldConfig":{"defaults":{"unit":"bytes"},"overrides":[{"properties":[{"id":"unit","value":"cores"}]}]},
           "transformations":[{"id":"reduce"},{"id":"regression"},{"id":"smoothing","disabled":true}]}]}
        """

    @Test("What the pages do not have is named with its places, over many dashboards")
    func survey() throws {
        let survey = BoardSurvey([try report(Self.shop), try report(Self.shop)])
        #expect(
            survey.lines == [
                "panel type geomap (4): shown as a table of its data. In Shop / Map; Shop / Two; Shop / Map and 1 more",
                "variable type groupby (2): has no effect. In Shop / g; Shop / g",
                "data source type mysql (2): queries of this kind of source cannot be asked here. In Shop / Map; Shop / Map",
                "transformation regression (2): left out; the panel says so. In Shop / S; Shop / S",
            ])
    }

    @Test("All that a dashboard uses is counted; units of no list are told as such")
    func lines() throws {
        let found = try report(Self.shop)
        #expect(found.panelCount == 3)
        #expect(
            Array(found.lines.prefix(6)) == [
                "Shop: 3 panels, schema version 39", "  panels: geomap 2, stat 1",
                "  transformations: reduce 1, regression 1", "  units: bytes 1, cores 1 (as it is)",
                "  variables: groupby 1, query 1", "  data sources: mysql 1",
            ])
        #expect(
            found.lines.contains("  not supported: panel type geomap (2): shown as a table of its data. In Map; Two"))
    }

    @Test("Dashboards of old schemas are looked through as well, with the units of their axes")
    func rows() throws {
        let found = try report(
            #"{"rows":[{"panels":[{"type":"graph","yaxes":[{"format":"s"},{"format":"bytes"}]},{"type":"worldmap","title":"W"}]}]}"#
        )
        #expect(found.problems.map(\.name) == ["worldmap"] && found.uses[.unit] == ["s": 1, "bytes": 1])
    }

    @Test("Texts of any length and number stay bounded")
    func hostile() throws {
        let long = String(repeating: "\u{e9}", count: 100_000)
        let panels = (0..<2000).map { #"{"type":"t\#($0)\#(long.prefix(300))","title":"\#(long.prefix(1000))"}"# }
        let found = try report(#"{"title":"T","panels":[\#(panels.joined(separator: ","))]}"#)
        #expect(found.panelCount == 2000 && found.problems.count == 500)
        #expect(found.problems.allSatisfy { $0.name.count <= 200 && $0.places.allSatisfy { $0.count <= 200 } })
    }

    @Test("A newer schema than known is said, and so is what tabs and conditions become")
    func schemas() throws {
        #expect(try report(#"{"title":"T","schemaVersion":99,"panels":[]}"#).problems.map(\.name) == ["99"])
        let found = try report(
            """
            {"title":"T","elements":{"a":{"kind":"Panel","spec":{"id":1,"title":"A","vizConfig":{"kind":"VizConfig","group":"stat"}}}},
             "layout":{"kind":"TabsLayout","spec":{"tabs":[{"spec":{"title":"One","conditionalRendering":{"spec":{"items":[{}]}},
              "layout":{"kind":"GridLayout","spec":{"items":[{"spec":{"element":{"name":"a"}}}]}}}}]}}}
            """)
        #expect(found.problems.map(\.name) == ["tabs", "conditional rendering"] && found.panelCount == 1)
    }
}
