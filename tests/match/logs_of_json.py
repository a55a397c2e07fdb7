"""Logs written by hand, of JSON, in lines, arrays and inside other text; as `logs_by_hand` says."""

from __future__ import annotations

#: Name -> lines, each with the indicators' values on it.
LOGS: dict[str, list[tuple[bytes, str]]] = {
    "zeek-json": [
        (
            b'{"ts":1.0,"uid":"C","id.orig_h":"192.0.2.66","query":"A.BAD.EXAMPLE","answers":["x","evil.test"]}',
            "192.0.2.66 bad.example evil.test",
        ),
        (b'{"ts":1,"uid":"C","id.orig_h":"::ffff:203.0.113.5","query":"b\\u0061d.example"}', "203.0.113.5 bad.example"),
        (b'{"ts":1,"uid":"C","id_resp_h":"2001:0db8:0000:0001:0000:0000:0000:0001","note":"bad.example"}', "2001:db8:0:1::1"),
        (b'{"ts":1,"uid":"C","host":"u.example","uri":"\\/x"}', "http://u.example/x"),
        (b'{"ts":1,"uid":"C","query":"bad.exam', ""),
    ],
    "eve": [
        (
            b'{"timestamp":"2023-01-01T00:00:00.000000+0000","event_type":"dns","src_ip":"198.51.100.129","dest_ip":"2001:db8::bad","dns":{"version":2,"type":"answer","rrname":"x.evil.test","answers":[{"rrname":"x","rdata":"192.0.2.66"}],"grouped":{"A":["203.0.113.5"],"CNAME":["w.bad.example"]}}}',
            "192.0.2.66 198.51.100.128/25 2001:db8::bad 203.0.113.5 bad.example evil.test",
        ),
        (b'{"event_type":"tls","tls":{"sni":"EVIL.TEST.","subject":"CN=bad.example"}}', "evil.test"),
        (
            b'{"event_type":"http","http":{"hostname":"u.example","url":"/a/b?c=d","http_refer":"https:\\/\\/U.Example\\/a\\/b?c=d"}}',
            "https://u.example/a/b?c=d",
        ),
        (
            b'{"event_type":"fileinfo","fileinfo":{"filename":"/x","md5":"d41d8cd98f00b204e9800998ecf8427e","sha256":"E3B0C44298FC1C149AFBF4C8996FB92427AE41E4649B934CA495991B7852B855"}}',
            "d41d8cd98f00b204e9800998ecf8427e e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        ),
        (
            b'{"event_type":"smtp","email":{"from":"<mallory@mail.example>","to":["a@b.example","O\'Neil+x@mail.example"]}}',
            "O'Neil+x@mail.example mallory@mail.example",
        ),
        (b'{"event_type":"http","http":{"hostname":"192.0.2.77","url":"/z"}}', "http://192.0.2.77/z"),
        (b'{"event_type":"http","http":{"hostname":"[2001:db8::77]","url":"/z"}}', "http://[2001:db8::77]/z"),
        (b'{"event_type":"http","http":{"hostname":"u.example","http_port":8080,"url":"/p"}}', "http://u.example:8080/p"),
        (b'{"event_type":"flow","dest_ip":"198.51.100.127"}', ""),
        (b"", ""),
    ],
    "ecs-nested": [
        (
            b'{"@timestamp":"2023-01-01T00:00:00Z","dns":{"question":{"name":"www.bad.example"},"answers":[{"data":"192.0.2.66","name":"www.bad.example"}],"resolved_ip":["203.0.113.5"]}}',
            "192.0.2.66 203.0.113.5 bad.example",
        ),
        (
            b'{"@timestamp":"x","url":{"domain":"u.example","path":"/a/b","query":"c=d","scheme":"https"},"source":{"ip":"198.51.100.255"}}',
            "198.51.100.128/25 https://u.example/a/b?c=d",
        ),
        (
            b'{"url":{"full":"http://u.example/x#frag"},"file":{"hash":{"md5":"d41d8cd98f00b204e9800998ecf8427e","sha512":"cf83e1357eefb8bdf1542850d66d8007d620e4050b5715dc83f4a921d36ce9ce47d0d13c5d85f2b0ff8318d2877eec2f63b931bd47417a81a538327af927da3e"}}}',
            "cf83e1357eefb8bdf1542850d66d8007d620e4050b5715dc83f4a921d36ce9ce47d0d13c5d85f2b0ff8318d2877eec2f63b931bd47417a81a538327af927da3e d41d8cd98f00b204e9800998ecf8427e http://u.example/x",
        ),
        (b'{"tls":{"client":{"server_name":"evil.test"}},"host":{"name":"bad.example","ip":["192.0.2.66"]}}', "192.0.2.66 evil.test"),
        (
            b'{"destination":{"address":"evil.test","ip":"2001:db8:ffff::1","domain":"deep.sub.evil.test"}}',
            "2001:db8:ffff::/48 deep.sub.evil.test evil.test",
        ),
        (b'{"email":{"from":{"address":["mallory@mail.example"]}}}', "mallory@mail.example"),
        (b'{"process":{"command_line":"curl http://u.example/x -H Host:bad.example"}}', "bad.example http://u.example/x"),
        (
            b'{"related":{"hosts":["bad.example"],"ip":["192.0.2.66"],"hash":["da39a3ee5e6b4b0d3255bfef95601890afd80709"]}}',
            "192.0.2.66 bad.example da39a3ee5e6b4b0d3255bfef95601890afd80709",
        ),
        (b'{"url":{"original":"http://u.example:80/x"}}', "http://u.example/x"),
        (b"", ""),
    ],
    "ecs-dotted": [
        (
            b'{"@timestamp":"2023","dns.question.name":"bad.example","source.ip":"192.0.2.66","destination.port":53}',
            "192.0.2.66 bad.example",
        ),
        (b'{"url.domain":"u.example","url.path":"/x","url.scheme":"http"}', "http://u.example/x"),
        (
            b'{"file.hash.sha256":"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855","host.name":"evil.test"}',
            "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        ),
        (b'{"http.request.referrer":"http://evil.test/","server.domain":"bad.example"}', "bad.example evil.test"),
        (b'{"dns.answers.data":["evil.test","203.0.113.5"]}', "203.0.113.5 evil.test"),
        (b"", ""),
    ],
    "sysmon-json": [
        (
            b'{"EventID":22,"QueryName":"www.evil.test","QueryResults":"type:  5 bad.example;::ffff:203.0.113.5;192.0.2.66;","Image":"C:\\\\x\\\\evil.test"}',
            "192.0.2.66 203.0.113.5 bad.example evil.test",
        ),
        (
            b'{"EventID":3,"DestinationIp":"198.51.100.130","DestinationHostname":"bad.example","SourceIp":"2001:db8:0:0:0:0:0:bad"}',
            "198.51.100.128/25 2001:db8::bad bad.example",
        ),
        (
            b'{"EventID":1,"Hashes":"MD5=D41D8CD98F00B204E9800998ECF8427E,SHA256=E3B0C44298FC1C149AFBF4C8996FB92427AE41E4649B934CA495991B7852B855,IMPHASH=00000000000000000000000000000000","CommandLine":"powershell iwr https://u.example/a/b?c=d"}',
            "d41d8cd98f00b204e9800998ecf8427e e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855 https://u.example/a/b?c=d",
        ),
        (
            b'{"Event":{"System":{"Provider":{"@Name":"Microsoft-Windows-Sysmon"},"EventID":"22","Computer":"pc.bad.example"},"EventData":{"Data":[{"@Name":"QueryName","#text":"evil.test"},{"@Name":"QueryResults","#text":"192.0.2.66;"}]}}}',
            "192.0.2.66 evil.test",
        ),
        (
            b'{"winlog":{"event_id":22,"event_data":{"QueryName":"deep.sub.evil.test","QueryStatus":"0"}},"host":{"name":"bad.example"}}',
            "deep.sub.evil.test evil.test",
        ),
        (b"", ""),
    ],
    "xml-in-json": [
        (
            b'{"message":"<Event xmlns=\\"http://schemas.microsoft.com/win/2004/08/events/event\\"><System><Provider Name=\\"Microsoft-Windows-Sysmon\\"/><Computer>pc.corp.example</Computer></System><EventData><Data Name=\\"QueryName\\">evil.test</Data><Data Name=\\"QueryResults\\">type:  5 x.example;::ffff:192.0.2.66;</Data></EventData></Event>"}',
            "192.0.2.66 evil.test",
        ),
        (
            b'{"event":{"original":"<Event xmlns=\\"http://schemas.microsoft.com/win/2004/08/events/event\\"><System><Provider Name=\\"Microsoft-Windows-Sysmon\\"/><Computer>pc.corp.example</Computer></System><EventData><Data Name=\\"QueryName\\">ok.example</Data><Data Name=\\"QueryResults\\">type:  5 x.example;203.0.113.5;</Data></EventData></Event>"}}',
            "203.0.113.5",
        ),
        (
            b'{"xml":"<Event xmlns=\\"http://schemas.microsoft.com/win/2004/08/events/event\\"><System><Provider Name=\\"Microsoft-Windows-Sysmon\\"/><Computer>pc.corp.example</Computer></System><EventData><Data Name=\\"QueryName\\">www.bad.example</Data><Data Name=\\"QueryResults\\">type:  5 x.example;10.0.0.1;</Data></EventData></Event>"}',
            "bad.example",
        ),
        (
            b'{"Message":"Dns query:\\r\\nRuleName: -\\r\\nQueryName: evil.test\\r\\nQueryResults: 192.0.2.66;\\r\\n"}',
            "192.0.2.66 evil.test",
        ),
        (b"", ""),
    ],
    "nginx-json": [
        (
            b'{"time_local":"x","remote_addr":"192.0.2.66","host":"u.example","request_uri":"/x","scheme":"http","http_referrer":"http://evil.test/"}',
            "192.0.2.66 evil.test http://u.example/x",
        ),
        (
            b'{"remote_addr":"10.0.0.1","request":"GET http://u.example/x HTTP/1.1","server_name":"bad.example"}',
            "bad.example http://u.example/x",
        ),
        (b"", ""),
    ],
    "pretty": [
        (b"[", ""),
        (b"  {", ""),
        (b'    "event_type": "dns",', ""),
        (b'    "dns": {', ""),
        (b'      "rrname": "bad.example"', ""),
        (b"    },", ""),
        (b'    "src_ip": "192.0.2.66",', "192.0.2.66"),
        (b'    "url": "http://u.example/x"', "http://u.example/x"),
        (b"  }", ""),
        (b"]", ""),
        (b"", ""),
    ],
    "array-lines": [
        (b"[", ""),
        (b'{"event_type":"dns","dns":{"rrname":"bad.example"}},', "bad.example"),
        (b'{"event_type":"dns","src_ip":"192.0.2.66"}', "192.0.2.66"),
        (b"]", ""),
        (b"", ""),
    ],
    "array-one": [
        (b'[{"event_type":"dns","dns":{"rrname":"bad.example"}},{"src_ip":"192.0.2.66"}]', "192.0.2.66 bad.example"),
        (b"", ""),
    ],
    "syslog-json": [
        (
            b'<134>Jan  1 00:00:00 sensor suricata[1]: {"event_type":"dns","dns":{"rrname":"b\\u0061d.example"},"src_ip":"192.0.2.66"}',
            "192.0.2.66 bad.example",
        ),
        (b'Jan  1 host @cee: {"query":"evil.test"}', "evil.test"),
        (b"", ""),
    ],
    "docker": [
        (
            b'{"log":"{\\"query\\":\\"bad.example\\",\\"client\\":\\"192.0.2.66\\"}\\n","stream":"stdout","time":"2023-01-01T00:00:00Z"}',
            "192.0.2.66 bad.example",
        ),
        (b'{"log":"GET http:\\/\\/u.example\\/x 200\\n","stream":"stdout"}', "http://u.example/x"),
        (b"", ""),
    ],
    "json-odd": [
        (b'{"query":"bad\\u002eexample"}', "bad.example"),
        (b'{"domain":["ok.example",["evil.test"]]}', "evil.test"),
        (b'{"ip":"192.0.2.66:53"}', "192.0.2.66"),
        (b'{"ip":["[2001:db8::bad]:443"]}', "2001:db8::bad"),
        (b'{"destination_ip":"192.0.2.66 "}', "192.0.2.66"),
        (b'{"Domain":"BAD.EXAMPLE."}', "bad.example"),
        (b'{"url":"\\u0068ttp://u.example/x"}', "http://u.example/x"),
        (b'{"hash":"D41D8CD98F00B204E9800998ECF8427E"}', "d41d8cd98f00b204e9800998ecf8427e"),
        (b'{"a":{"b":{"c":{"dnsQuery":"evil.test"}}}}', "evil.test"),
        (b'{"user":"bad.example"}', ""),
        (b'{"src":"198.51.100.200/32"}', ""),
        (b'  {"query":"evil.test"}', "evil.test"),
        (b'{"query":"\\ud83d\\ude00.bad.example"}', "bad.example"),
        (b'{"query":"bad.example\\u0000"}', ""),
        (b"", ""),
    ],
    "eve2": [
        (
            b'{"event_type":"dns","dns":{"version":3,"queries":[{"rrname":"bad.example"}],"answers":[{"rrname":"x.example","rdata":"2001:0db8:0000:0000:0000:0000:0000:0bad"}]}}',
            "2001:db8::bad bad.example",
        ),
        (
            b'{"event_type":"http","http":{"hostname":"u.example:8080","url":"http://u.example:8080/p","xff":"192.0.2.66"}}',
            "192.0.2.66 http://u.example:8080/p",
        ),
        (b'{"event_type":"alert","http":{"redirect":"http://evil.test/","hostname":"u.example","url":"/"}}', "http://u.example/"),
        (
            b'{"event_type":"smtp","smtp":{"helo":"evil.test","mail_from":"<mallory@mail.example>","rcpt_to":["<x@y.example>"]}}',
            "evil.test mallory@mail.example",
        ),
        (b'{"event_type":"anomaly","src_ip":"2001:0DB8:FFFF:0000:0000:0000:0000:0001"}', "2001:db8:ffff::/48"),
        (b'{"event_type":"tls","tls":{"sni":"m\\u00fcnchen.example"}}', "xn--mnchen-3ya.example"),
        (b'{"event_type":"dns","dns":{"rrname":"66.2.0.192.in-addr.arpa"}}', ""),
        (b'{"event_type":"ftp","dest_ip":"::ffff:192.0.2.66"}', "192.0.2.66"),
    ],
    "win2": [
        (b'{"Event":{"EventData":{"QueryName":"evil.test","Data":["x","192.0.2.66"]},"System":{"Computer":"pc"}}}', "192.0.2.66 evil.test"),
        (b'{"EventID":5156,"DestAddress":"198.51.100.200","SourceAddress":"10.0.0.1"}', "198.51.100.128/25"),
        (b'{"EventID":4624,"IpAddress":"::ffff:192.0.2.66"}', "192.0.2.66"),
        (
            b'{"Event":{"EventData":{"Data":[{"Name":"QueryName","content":"evil.test"},{"Name":"DestinationIp","#text":"192.0.2.66"}]}}}',
            "192.0.2.66 evil.test",
        ),
        (
            b'{"EventData":{"Hashes":"SHA1=da39a3ee5e6b4b0d3255bfef95601890afd80709,MD5=d41d8cd98f00b204e9800998ecf8427e"},"Channel":"x"}',
            "d41d8cd98f00b204e9800998ecf8427e da39a3ee5e6b4b0d3255bfef95601890afd80709",
        ),
        (b'{"QNAME":"bad.example.","RemoteIP":"192.0.2.66"}', "192.0.2.66 bad.example"),
        (
            b'{"Event":{"@xmlns":"x","EventData":{"Data":{"@Name":"TargetUrl","#text":"https://u.example/a/b?c=d"}}}}',
            "https://u.example/a/b?c=d",
        ),
        (b'{"winlog":{"event_data":{"DestinationHostname":"-","DestinationIp":"2001:db8:0:1:0:0:0:1"}}}', "2001:db8:0:1::1"),
        (b'{"EventXml":"<Event><EventData><Data Name=\'QueryName\'>evil.test</Data></EventData></Event>"}', "evil.test"),
        (b'{"_source":{"dns":{"question":{"name":"bad.example"}}}}', "bad.example"),
        (b"", ""),
    ],
    "caddy": [
        (
            b'{"request":{"remote_ip":"192.0.2.66","host":"u.example","uri":"/x","headers":{"Referer":["http://evil.test/"]}}}',
            "192.0.2.66 evil.test http://u.example/x",
        ),
        (b"", ""),
    ],
    "json-mail": [
        (b'{"from":"M <mallory@mail.example>","x":1}', "mallory@mail.example"),
        (b'{"to":"a@x.example, mallory@mail.example"}', "mallory@mail.example"),
        (b'{"cc":["<O\'Neil+x@mail.example>"]}', "O'Neil+x@mail.example"),
        (b'{"sender":"MALLORY@MAIL.EXAMPLE"}', "mallory@mail.example"),
        (b'{"message":"mail from mallory@MAIL.example ok"}', "mallory@mail.example"),
        (b'{"email":{"to":{"address":"mallory@mail.example"}}}', "mallory@mail.example"),
        (b'{"user":{"email":"mallory@mail.example"}}', "mallory@mail.example"),
        (b"", ""),
    ],
    "nd-odd": [
        (b'\xef\xbb\xbf{"query":"bad.example","client":"10.0.0.1"}\r', "bad.example"),
        (b'\x1e{"query":"evil.test"}\r', "evil.test"),
        (b'{"query":"evil.test"},\r', "evil.test"),
        (b'{"query":"bad\xff.example","src":"192.0.2.66"}\r', "192.0.2.66"),
        (b'{"query":"x"}{"query":"evil.test"}\r', "evil.test"),
        (b"not json bad.example\r", "bad.example"),
        (b'{"query":"bad.example"\r', "bad.example"),
        (b"", ""),
    ],
    "ecs-more": [
        (b'{"dns":{"answers":{"data":["evil.test","192.0.2.66"]}},"network":{"name":"bad.example"}}', "192.0.2.66 evil.test"),
        (b'{"client":{"address":"192.0.2.66"},"server":{"address":"evil.test"}}', "192.0.2.66 evil.test"),
        (b'{"url":{"domain":"u.example","port":8080,"path":"/p"}}', "http://u.example:8080/p"),
        (b'{"url":{"domain":"[2001:db8::77]","path":"/z"}}', "http://[2001:db8::77]/z"),
        (b'{"source":{"nat":{"ip":"192.0.2.66"}},"x509":{"alternative_names":["bad.example"]}}', "192.0.2.66"),
        (b'{"threat":{"indicator":{"ip":"203.0.113.5"}}}', "203.0.113.5"),
        (b'{"message":"GET http://u.example/x from 192.0.2.66"}', "192.0.2.66 http://u.example/x"),
        (b'{"event":{"original":"{\\"query\\":\\"evil.test\\"}"}}', "evil.test"),
        (
            b'{"dll":{"hash":{"sha1":"da39a3ee5e6b4b0d3255bfef95601890afd80709"}},"process":{"hash":{"md5":"d41d8cd98f00b204e9800998ecf8427e"},"parent":{"hash":{"sha256":"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"}}}}',
            "d41d8cd98f00b204e9800998ecf8427e da39a3ee5e6b4b0d3255bfef95601890afd80709 e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        ),
        (b'{"destination":{"domain":"evil.test"},"url":{"domain":"bad.example","registered_domain":"u.example"}}', "bad.example evil.test"),
        (b'{"source.address":"evil.test","url.full":"https://u.example/a/b?c=d"}', "evil.test https://u.example/a/b?c=d"),
        (b'{"tls.server.x":1,"tls.client.server_name":"www.bad.example."}', "bad.example"),
        (b"", ""),
    ],
    "emptied-while-written": [
        (bytes(70) + b'{"query":"bad.example"}', "bad.example"),
        (bytes(5), ""),
        (b'{"query":"notbad.example","src_ip":"192.0.2.66"}' + bytes(2), "192.0.2.66"),
        (b"", ""),
    ],
    "begins-in-the-middle": [
        (b'{"ts":1,"query":"bad.exam', ""),
        (b'{"ts":1,"query":"evil.test"}', "evil.test"),
        (b"", ""),
    ],
    "gelf": [
        (b'{"version":"1.1","host":"a.example","short_message":"query bad.example","_src_ip":"192.0.2.66"}', "192.0.2.66 bad.example"),
        (b"", ""),
    ],
}
