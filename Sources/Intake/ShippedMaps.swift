// Written by tools/embed-maps from Sources/Intake/Maps; change those files and run it again.

/// The maps that ship with Gridline, as raw text.
enum ShippedMaps {
    /// Sorted by name.
    static let texts: [(name: String, yaml: String)] = [
        (
            "baltimore",
            ##"""
            # Baltimore 311, a sample up to March 2018: US dates with the month first and a 12-hour clock.
            source: baltimore311
            format: csv
            encoding: utf-8
            id: [SRRecordID]
            zone: America/New_York
            clean: [nbsp, trim]
            created: {column: CreatedDate, formats: ["M/d/yyyy h:mm:ss a"]}
            updated: {column: StatusDate, formats: ["M/d/yyyy h:mm:ss a"]}
            due: {column: DueDate, formats: ["M/d/yyyy h:mm:ss a"]}
            channel:
              column: MethodReceived
              values: {Phone: hotline, API: app, Internal: staff, Mail: letter, Email: mailbox, Other: other}
            title: SRType
            matter: {columns: [SRType, Outcome], join: " / "}
            category: SRType
            place: {text: Address, area: Neighborhood, latitude: Latitude, longitude: Longitude}
            unit: {name: Agency}
            states:
              - when: {SRStatus: ["Closed (Duplicate)"]}
                state: merged
              - when: {SRStatus: Closed}
                state: closed
              - when: {SRStatus: [Pending]}
                state: inHand
              - state: registered
            flags:
              duplicate: {SRStatus: ["Closed (Duplicate)", "Open (Duplicate)"]}
            steps:
              - name: closed
                when: {SRStatus: Closed}
                at: {column: CloseDate, formats: ["M/d/yyyy h:mm:ss a"]}
                state: closed
                closes: true
              - name: merged
                when: {SRStatus: "Closed (Duplicate)"}
                at: {column: CloseDate, formats: ["M/d/yyyy h:mm:ss a"]}
                state: merged
                closes: true
              - name: pending
                when: {SRStatus: Pending}
                at: {column: StatusDate, formats: ["M/d/yyyy h:mm:ss a"]}
                state: inHand
            extra: rest
            """##
        ),
        (
            "boston-2011",
            ##"""
            # Boston 311 service requests, July to October 2011: the city's full table, one row a case.
            source: boston-2011
            format: csv
            encoding: utf-8
            id: [case_enquiry_id]
            zone: America/New_York
            clean: [nbsp, trim]
            created: {column: open_dt, formats: ["yyyy-MM-dd HH:mm:ss"]}
            due: {column: target_dt, formats: ["yyyy-MM-dd HH:mm:ss"]}
            channel:
              column: source
              values:
                Constituent Call: hotline
                Employee Generated: staff
                Self Service: web
                Citizens Connect App: app
                Maximo Integration: system
                Twitter: social
            title: case_title
            matter: {columns: [case_title, reason], join: " / "}
            category: [subject, reason, type]
            place: {text: location, area: neighborhood, street: location_street_name, latitude: latitude, longitude: longitude}
            unit: {code: department, name: queue}
            states:
              - when: {case_status: Closed}
                state: closed
              - state: registered
            steps:
              - name: closed
                when: {case_status: Closed}
                at: {column: closed_dt, formats: ["yyyy-MM-dd HH:mm:ss"]}
                state: closed
                closes: true
                note: closure_reason
                flags:
                  onTime: {ontime: ONTIME}
                  overdue: {ontime: OVERDUE}
            flags:
              # A case that is still open past its target is overdue already.
              overdue: {ontime: OVERDUE, closed_dt: absent}
            extra: rest
            """##
        ),
        (
            "boston-open311",
            ##"""
            # Boston Open311 2017-07 to 2018-12: the answers of GET /requests, some requests fetched again later.
            source: boston-open311
            format: csv
            encoding: utf-8
            id: [service_request_id]
            # The times carry their own offset; the zone is for values without one.
            zone: America/New_York
            clean: [nbsp, trim]
            created: {column: requested_datetime, formats: ["yyyy-MM-ddTHH:mm:ssX"]}
            updated: {column: updated_datetime, formats: ["yyyy-MM-ddTHH:mm:ssX"]}
            channel: {constant: app}
            title: service_name
            matter: {columns: [description], constant: "(no description)"}
            category: service_name
            place: {text: address, latitude: lat, longitude: long}
            states:
              - when: {status: closed}
                state: closed
              - state: registered
            steps:
              # Open311: for a closed request the time of its last change is the time it was closed.
              - name: closed
                when: {status: closed}
                at: {column: updated_datetime, formats: ["yyyy-MM-ddTHH:mm:ssX"]}
                state: closed
                closes: true
                note: status_notes
            extra: [service_code]
            # Where the fetch stood says nothing about the request.
            ignore: [fetch_pos, source_file]
            plain: [service_code, lat, long]
            """##
        ),
        (
            "generated",
            ##"""
            # What `gridline generate` writes: JSON lines of invented tickets of a Chinese district.
            source: generated
            format: jsonl
            encoding: utf-8
            id: [id]
            zone: "+08:00"
            nulls: ["-", 无]
            clean: [excel-escapes, nbsp, full-width-spaces, trim]
            created: {column: createdAt, formats: ["yyyy-MM-dd HH:mm:ss", "yyyy/M/d H:mm:ss"]}
            due: {column: dueAt, formats: ["yyyy-MM-dd HH:mm:ss"]}
            channel: channel
            title: title
            matter: matter
            kind: kind
            category: [categoryName, itemName]
            place: {text: address, area: district, street: street, community: community, latitude: latitude, longitude: longitude}
            unit: {code: unitCode, name: unitName}
            states:
              - when: {status: 已办结}
                state: finished
              - when: {status: 办理中}
                state: inHand
              - when: {status: 待签收}
                state: dispatched
              - state: registered
            flags:
              urgent: {urgent: "true"}
              repeated: {repeatOf: present}
            steps:
              - name: reply
                at: {column: repliedAt, formats: ["yyyy-MM-dd HH:mm:ss"]}
                state: finished
                reply: reply
            extra: [itemCode, caller, contact, repeatOf]
            """##
        ),
        (
            "nyc",
            ##"""
            # New York City 311, a few hours of April 2024; the newest first.
            source: nyc311
            format: csv
            encoding: utf-8
            id: [unique_key]
            zone: America/New_York
            nulls: [Unspecified]
            clean: [nbsp, trim]
            created: {column: created_date, formats: ["yyyy-MM-ddTHH:mm:ss[.f]"]}
            updated: {column: resolution_action_updated_date, formats: ["yyyy-MM-ddTHH:mm:ss[.f]"]}
            due: {column: due_date, formats: ["yyyy-MM-ddTHH:mm:ss[.f]"]}
            channel:
              column: open_data_channel_type
              values: {ONLINE: web, PHONE: hotline, MOBILE: app, UNKNOWN: other}
            title: complaint_type
            matter: {columns: [complaint_type, descriptor, location_type], join: " / "}
            category: [complaint_type, descriptor]
            place: {text: incident_address, area: borough, street: street_name, latitude: latitude, longitude: longitude}
            unit: {code: agency, name: agency_name}
            states:
              - when: {status: Closed}
                state: closed
              - when: {status: [In Progress]}
                state: inHand
              - when: {status: [Assigned]}
                state: dispatched
              - state: registered
            steps:
              - name: closed
                when: {status: Closed}
                at: {column: closed_date, formats: ["yyyy-MM-ddTHH:mm:ss[.f]"]}
                state: closed
                closes: true
                note: resolution_description
            extra: rest
            # A text form of the two coordinates.
            ignore: [location]
            # A lot number of Queens looks like a 400 number.
            plain: [bbl]
            """##
        ),
        (
            "pingshan",
            ##"""
            # 坪山区民生诉求 2018 (Shenzhen): one row a ticket, no close time, only flags.
            # The UTF-8 and the GB18030 copy have the same rows; the encoding is found from the first bytes.
            source: pingshan2018
            format: csv
            encoding: detect
            id: [REC_ID]
            zone: "+08:00"
            nulls: ["-"]
            clean: [nbsp, full-width-spaces, trim]
            created: {column: CREATE_TIME, formats: ["yyyy-M-d H:mm:ss"]}
            channel:
              column: EVENT_SRC_NAME
              values: {"12345": hotline, "12319": hotline, "固话投诉": hotline, "@坪山": web, "美丽深圳": web, "政府信箱": mailbox}
            # The source has no text: its three levels of category say what it is about.
            matter: {columns: [EVENT_TYPE_NAME, MAIN_TYPE_NAME, SUB_TYPE_NAME], join: " / "}
            kind:
              column: EVENT_PROPERTY_NAME
              values: {"投诉": complaint, "咨询": consult, "建议": suggestion, "求决": help, "感谢": thanks, "其他": other}
            category: [EVENT_TYPE_NAME, MAIN_TYPE_NAME, SUB_TYPE_NAME]
            place:
              text: OCCUR_PLACE
              area: DISTRICT_NAME
              street: STREET_NAME
              community: COMMUNITY_NAME
            unit: {code: DISPOSE_UNIT_ID, name: DISPOSE_UNIT_NAME}
            states:
              - when: {INTIME_ARCHIVE_NUM: "1"}
                state: finished
              - when: {OVERTIME_ARCHIVE_NUM: "1"}
                state: finished
              - when: {INTIME_TO_ARCHIVE_NUM: "1"}
                state: inHand
              - state: registered
            flags:
              onTime: {INTIME_ARCHIVE_NUM: "1"}
              overdue: {OVERTIME_ARCHIVE_NUM: "1"}
            extra: rest
            """##
        ),
        (
            "teddy",
            ##"""
            # 泰迪杯 2020 C题, citizens' messages to the city: attachments 3 and 4, the test set and the labelled sample.
            # Message numbers are not comparable between the attachments: import each under a source name of its own (--source).
            source: teddy2020c
            format: csv
            encoding: utf-8
            id: [留言编号]
            zone: "+08:00"
            clean: [excel-escapes, nbsp, full-width-spaces, trim]
            # Columns that only some of the four files have.
            optional: [一级分类, 答复意见, 答复时间]
            created: {column: 留言时间, formats: ["yyyy/M/d H:mm[:ss]", "yyyy-M-d H:mm[:ss]", "yyyy/M/d"]}
            channel: {constant: web}
            title: 留言主题
            matter: 留言详情
            category: 一级分类
            states:
              - when: {答复意见: present}
                state: finished
              - state: registered
            steps:
              - name: reply
                at: {column: 答复时间, formats: ["yyyy/M/d H:mm[:ss]", "yyyy-M-d H:mm[:ss]", "yyyy/M/d"]}
                state: finished
                reply: 答复意见
            extra: rest
            """##
        ),
    ]
}
