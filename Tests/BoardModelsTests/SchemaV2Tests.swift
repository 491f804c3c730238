import BoardModels
import MartletCore
import Testing

@Suite("Dashboards of Grafana's schema v2")
struct SchemaV2Tests {
    private func model(_ text: String) throws -> JSONValue { BoardDocument(try JSONValue(parsing: text)).model }

    private func panel(_ name: String, _ id: Int, _ more: String = "") -> String {
        """
        "\(name)":{"kind":"Panel","spec":{"id":\(id),"title":"\(name)","data":{"kind":"QueryGroup","spec":{"queries":[],
        "transformations":[],"queryOptions":{}}},"vizConfig":{"kind":"VizConfig","group":"stat","version":"13","spec":{}}\(more)}}
        """
    }

    private func item(_ name: String, _ x: Int = 0, _ y: Int = 0) -> String {
        #"{"kind":"GridLayoutItem","spec":{"x":\#(x),"y":\#(y),"width":12,"height":8,"element":{"kind":"ElementReference","name":"\#(name)"}}}"#
    }

    private func grid(_ items: String...) -> String {
        #"{"kind":"GridLayout","spec":{"items":[\#(items.joined(separator: ","))]}}"#
    }

    private func row(_ title: String, _ layout: String, _ more: String = "") -> String {
        #"{"kind":"RowsLayoutRow","spec":{"title":"\#(title)","layout":\#(layout)\#(more)}}"#
    }

    /// `title x,y wxh` of every panel, those inside of a folded row after `[`.
    private func places(_ panels: JSONValue?) -> [String] {
        (panels?.array ?? []).map { panel in
            let at = ["x", "y", "w", "h"].map { panel["gridPos"]?[$0]?.int64 ?? -1 }
            let inside = places(panel["panels"])
            let text = "\(panel["title"]?.string ?? "?") \(at[0]),\(at[1]) \(at[2])x\(at[3])"
            return inside.isEmpty ? text : "\(text) [\(inside.joined(separator: ", "))]"
        }
    }

    @Test(
        "A resource's name is the uid; settings, queries, options and transformations stand where the classic model has them"
    )
    func whole() throws {
        let model = try model(
            """
            {"apiVersion":"dashboard.grafana.app/v2beta1","kind":"Dashboard","metadata":{"name":"shop"},"spec":{
             "title":"Shop","tags":["a"],"cursorSync":"Tooltip","editable":true,
             "timeSettings":{"from":"now-6h","to":"now","timezone":"utc","autoRefresh":"30s","hideTimepicker":true},
             "annotations":[{"kind":"AnnotationQuery","spec":{"name":"Deploys","enable":true,"hide":false,"iconColor":"red",
              "query":{"kind":"DataQuery","group":"prometheus","version":"v0","datasource":{"name":"p1"},"spec":{"expr":"changes(x[5m])"}}}}],
             "elements":{"one":{"kind":"Panel","spec":{"id":7,"title":"One","description":"d","transparent":true,"links":[{"title":"l","url":"u"}],
              "data":{"kind":"QueryGroup","spec":{
               "queries":[{"kind":"PanelQuery","spec":{"refId":"A","hidden":false,"query":{"kind":"DataQuery","group":"prometheus","version":"v0",
                 "datasource":{"name":"p1"},"spec":{"expr":"up","instant":true}}}},
                {"kind":"PanelQuery","spec":{"refId":"B","hidden":true,"query":{"kind":"DataQuery","group":"loki","version":"v0",
                 "datasource":{"name":"l1"},"spec":{"expr":"{a=\\"b\\"}"}}}}],
               "transformations":[{"kind":"organize","spec":{"id":"organize","options":{"renameByName":{}}}},
                {"kind":"Transformation","group":"limit","spec":{"options":{"limitField":3}}}],
               "queryOptions":{"interval":"1m","maxDataPoints":50,"timeFrom":"2h"}}},
              "vizConfig":{"kind":"VizConfig","group":"timeseries","version":"13.0.0","spec":{"options":{"legend":{}},
               "fieldConfig":{"defaults":{"unit":"bytes"},"overrides":[]}}}}}},
             "layout":{"kind":"GridLayout","spec":{"items":[{"kind":"GridLayoutItem","spec":{"x":12,"y":3,"width":6,"height":4,
              "element":{"kind":"ElementReference","name":"one"},"repeat":{"mode":"variable","value":"job","direction":"v","maxPerRow":2}}}]}},
             "variables":[]},"status":{}}
            """)
        #expect(model["uid"]?.string == "shop" && model["title"]?.string == "Shop" && model["graphTooltip"]?.int64 == 2)
        #expect(model["time"]?["from"]?.string == "now-6h" && model["refresh"]?.string == "30s")
        #expect(model["timezone"]?.string == "utc" && model["timepicker"]?["hidden"]?.bool == true)
        let note = try #require(model["annotations"]?["list"]?[0])
        #expect(note["name"]?.string == "Deploys" && note["expr"]?.string == "changes(x[5m])")
        #expect(note["datasource"]?["uid"]?.string == "p1" && note["datasource"]?["type"]?.string == "prometheus")
        let panel = try #require(model["panels"]?[0])
        #expect(panel["id"]?.int64 == 7 && panel["type"]?.string == "timeseries" && panel["transparent"]?.bool == true)
        #expect(panel["gridPos"] == ["x": 12, "y": 3, "w": 6, "h": 4])
        #expect(
            panel["repeat"]?.string == "job" && panel["repeatDirection"]?.string == "v"
                && panel["maxPerRow"]?.int64 == 2)
        #expect(panel["datasource"]?["uid"]?.string == "-- Mixed --")
        #expect(
            panel["targets"]?[0]?["expr"]?.string == "up" && panel["targets"]?[0]?["datasource"]?["uid"]?.string == "p1"
        )
        #expect(panel["targets"]?[0]?["hide"] == nil && panel["targets"]?[1]?["hide"]?.bool == true)
        #expect(panel["transformations"]?.array?.map { $0["id"]?.string } == ["organize", "limit"])
        #expect(
            panel["interval"]?.string == "1m" && panel["maxDataPoints"]?.int64 == 50
                && panel["timeFrom"]?.string == "2h")
        #expect(panel["fieldConfig"]?["defaults"]?["unit"]?.string == "bytes")
    }

    @Test("Rows keep their panels below them; folded ones have them inside; one without a head is no row")
    func rows() throws {
        let elements = [panel("a", 1), panel("b", 2), panel("c", 3)].joined(separator: ",")
        let rows = [
            row("", grid(item("a")), #","hideHeader":true"#), row("Open", grid(item("b", 12))),
            row("Shut", grid(item("c", 0, 2)), #","collapse":true,"repeat":{"mode":"variable","value":"job"}"#),
        ]
        let model = try model(
            #"{"title":"T","elements":{\#(elements)},"layout":{"kind":"RowsLayout","spec":{"rows":[\#(rows.joined(separator: ","))]}}}"#
        )
        #expect(
            places(model["panels"]) == [
                "a 0,0 12x8", "Open 0,8 24x1", "b 12,9 12x8", "Shut 0,17 24x1 [c 0,20 12x8]",
            ])
        #expect(model["panels"]?[3]?["repeat"]?.string == "job")
        let ids = (model["panels"]?.array ?? []).compactMap { $0["id"]?.int64 }
        #expect(Set(ids).count == 4)
    }

    @Test("Tabs are rows of which the first is open; what is nested names what it is in")
    func tabs() throws {
        let elements = [panel("a", 1), panel("b", 2)].joined(separator: ",")
        let inner = #"{"kind":"RowsLayout","spec":{"rows":[\#(row("Disk", grid(item("b"))))]}}"#
        let tabs = [row("CPU", grid(item("a"))), row("Host", inner)].joined(separator: ",")
        let model = try model(
            #"{"title":"T","elements":{\#(elements)},"layout":{"kind":"TabsLayout","spec":{"tabs":[\#(tabs)]}}}"#)
        #expect(places(model["panels"]) == ["CPU 0,0 24x1", "a 0,1 12x8", "Host / Disk 0,9 24x1 [b 0,10 12x8]"])
    }

    @Test("An automatic grid fills lines of as many columns as it allows")
    func automatic() throws {
        let elements = [panel("a", 1), panel("b", 2), panel("c", 3)].joined(separator: ",")
        let items = ["a", "b", "c"].map { #"{"kind":"AutoGridLayoutItem","spec":{"element":{"name":"\#($0)"}}}"# }
        let spec =
            #"{"maxColumnCount":2,"rowHeightMode":"custom","rowHeight":380,"items":[\#(items.joined(separator: ","))]}"#
        let model = try model(
            #"{"title":"T","elements":{\#(elements)},"layout":{"kind":"AutoGridLayout","spec":\#(spec)}}"#)
        #expect(places(model["panels"]) == ["a 0,0 12x10", "b 12,0 12x10", "c 0,10 12x10"])
    }

    @Test("Variables of every kind have their classic form")
    func variables() throws {
        let model = try model(
            """
            {"title":"T","elements":{},"layout":{"kind":"GridLayout","spec":{"items":[]}},"variables":[
             {"kind":"QueryVariable","spec":{"name":"job","hide":"hideLabel","sort":"numericalDesc","refresh":"onTimeRangeChanged","multi":true,
              "query":{"kind":"DataQuery","group":"prometheus","version":"v0","datasource":{"name":"p1"},
               "spec":{"query":"label_values(up, job)","refId":"x"}}}},
             {"kind":"QueryVariable","spec":{"name":"old","query":{"kind":"DataQuery","group":"prometheus","spec":{"__legacyStringValue":"metrics(a)"}}}},
             {"kind":"DatasourceVariable","spec":{"name":"ds","pluginId":"prometheus","hide":"dontHide"}},
             {"kind":"TextVariable","spec":{"name":"t","query":"x"}},
             {"kind":"CustomVariable","spec":{"name":"c","query":"a,b"}},
             {"kind":"IntervalVariable","spec":{"name":"i","query":"1m,5m","auto":true}},
             {"kind":"SwitchVariable","spec":{"name":"s","current":"on","enabledValue":"on","disabledValue":"o,f"}},
             {"kind":"AdhocVariable","group":"prometheus","datasource":{"name":"p1"},"spec":{"name":"f","filters":[]}}]}
            """)
        let list = model["templating"]?["list"]?.array ?? []
        #expect(
            list.map { $0["type"]?.string } == [
                "query", "query", "datasource", "textbox", "custom", "interval", "custom", "adhoc",
            ])
        #expect(list[0]["hide"]?.int64 == 1 && list[0]["sort"]?.int64 == 4 && list[0]["refresh"]?.int64 == 2)
        #expect(
            list[0]["query"]?["query"]?.string == "label_values(up, job)"
                && list[0]["datasource"]?["uid"]?.string == "p1")
        #expect(list[1]["query"]?.string == "metrics(a)" && list[2]["query"]?.string == "prometheus")
        #expect(list[6]["query"]?.string == #"on,o\,f"# && list[6]["current"]?["value"]?.string == "on")
        #expect(list[7]["datasource"]?["uid"]?.string == "p1")
    }

    @Test("The first form of the schema has types where later ones have groups")
    func alpha() throws {
        let model = try model(
            """
            {"title":"T","elements":{"a":{"kind":"Panel","spec":{"id":1,"title":"A","data":{"kind":"QueryGroup","spec":{
             "queries":[{"kind":"PanelQuery","spec":{"refId":"A","datasource":{"type":"prometheus","uid":"p1"},"query":{"kind":"prometheus","spec":{"expr":"up"}}}}],
             "transformations":[],"queryOptions":{}}},"vizConfig":{"kind":"gauge","spec":{"pluginVersion":"12","options":{},"fieldConfig":{}}}}}},
             "layout":{"kind":"GridLayout","spec":{"items":[\(item("a"))]}}}
            """)
        let panel = try #require(model["panels"]?[0])
        #expect(panel["type"]?.string == "gauge" && panel["targets"]?[0]?["expr"]?.string == "up")
        #expect(panel["targets"]?[0]?["datasource"]?["type"]?.string == "prometheus")
    }

    @Test("Classic models stay as they are, wrapped or not; anything is taken without a trap")
    func others() throws {
        for text in [
            #"{"title":"T","panels":[]}"#, #"{"title":"T","rows":[],"spec":{}}"#, "[1]", "null", #"{"spec":{"a":1}}"#,
        ] {
            #expect(try model(text) == (try JSONValue(parsing: text)))
        }
        let wrapped = try model(#"{"dashboard":{"title":"T","panels":[]},"meta":{}}"#)
        #expect(wrapped == (try JSONValue(parsing: #"{"title":"T","panels":[]}"#)))
        let resource = try model(
            #"{"apiVersion":"dashboard.grafana.app/v1beta1","metadata":{"name":"n"},"spec":{"title":"T","panels":[]}}"#)
        #expect(resource["uid"]?.string == "n" && resource["panels"]?.array == [])
        for text in [
            #"{"elements":{"a":1},"layout":7}"#,
            #"{"elements":{},"layout":{"kind":"RowsLayout","spec":{"rows":[1,{"spec":3}]}}}"#,
            #"{"elements":{"a":{}},"layout":{"kind":"GridLayout","spec":{"items":[{"spec":{"x":-9,"y":1e300,"width":99,"element":{"name":"a"}}}]}}}"#,
        ] {
            #expect(try model(text)["panels"]?.array != nil)
        }
    }

    @Test("An element stands once, however often its name does")
    func once() throws {
        let many = Array(repeating: item("a"), count: 1000) + [item("b", 0, 8)]
        let items = #"{"kind":"GridLayout","spec":{"items":[\#(many.joined(separator: ","))]}}"#
        let model = try model(#"{"elements":{\#(panel("a", 1)),\#(panel("b", 2))},"layout":\#(items)}"#)
        #expect(places(model["panels"]) == ["a 0,0 12x8", "b 0,8 12x8"])
    }

    @Test("Layouts in layouts end somewhere")
    func nested() throws {
        var layout = grid(item("a"))
        for _ in 0..<12 { layout = #"{"kind":"TabsLayout","spec":{"tabs":[\#(row("t", layout))]}}"# }
        #expect(try model(#"{"elements":{\#(panel("a", 1))},"layout":\#(layout)}"#)["panels"]?.array == [])
    }
}
