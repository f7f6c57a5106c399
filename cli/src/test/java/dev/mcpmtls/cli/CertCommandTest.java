// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.mcpmtls.cli.console.Console;
import dev.mcpmtls.cli.invocation.ExitCode;
import dev.mcpmtls.testkit.Issued;
import dev.mcpmtls.testkit.ThrowawayCa;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.bouncycastle.asn1.pkcs.PKCSObjectIdentifiers;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x500.X500NameBuilder;
import org.bouncycastle.asn1.x500.style.BCStyle;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.ExtensionsGenerator;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.bouncycastle.pkcs.PKCS10CertificationRequest;
import org.bouncycastle.pkcs.jcajce.JcaPKCS10CertificationRequestBuilder;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CertCommandTest {

    @TempDir
    private Path temporary;

    private Path store;

    @BeforeEach
    void init() {
        store = temporary.resolve("store");
        assertThat(run("init").exit()).isEqualTo(ExitCode.DONE);
    }

    @Test
    void renewsAllCredentials() throws IOException {
        byte[] before = Files.readAllBytes(file("echo", "tls.crt"));
        byte[] key = Files.readAllBytes(file("echo", "tls.key"));

        Run renewed = run("cert renew --all");

        assertThat(renewed.exit()).isEqualTo(ExitCode.DONE);
        assertThat(renewed.out().lines()).hasSize(4).allMatch(line -> line.startsWith("renewed  "));
        assertThat(Files.readAllBytes(file("echo", "tls.crt"))).isNotEqualTo(before);
        assertThat(Files.readAllBytes(file("echo", "tls.key"))).isEqualTo(key);
    }

    @Test
    void oneThatCannotBeRenewedDoesNotHoldUpTheOthers() throws IOException {
        Files.delete(file("datetime", "tls.key"));
        run("cert revoke coordinator");
        ThrowawayCa elsewhere = ThrowawayCa.root("Elsewhere");
        elsewhere.server("other").writeTo(store.resolve("credentials/other"), elsewhere.certificate());

        Run renewed = run("cert renew --all");

        assertThat(renewed.exit()).isEqualTo(ExitCode.FAILED);
        assertThat(renewed.out().lines())
                .hasSize(5)
                .anyMatch(line -> line.startsWith("failed  datetime: ") && line.contains("cert rekey datetime"))
                .anyMatch(line -> line.startsWith("kept  coordinator: revoked; "))
                .anyMatch(line -> line.startsWith("kept  other: issued elsewhere; "))
                .anyMatch(line -> line.startsWith("renewed  echo "))
                .anyMatch(line -> line.startsWith("renewed  weather "));
        assertThat(run("cert renew --all --json").out())
                .startsWith("{\"renewed\":[{")
                .contains("\"failed\":[{\"name\":\"datetime\"", "\"kept\":[{\"name\":\"coordinator\"");
    }

    @ParameterizedTest
    @ValueSource(strings = {"cert renew", "cert renew --all echo", "cert renew --all --san localhost"})
    void renewsEitherOneOrAll(String command) {
        assertThat(run(command).exit()).isEqualTo(ExitCode.USAGE);
    }

    @Test
    void saysHowFarARollOverIsAndWhatComesNext() {
        assertThat(run("cert rollover status").out())
                .contains("no roll-over is in progress", "cert rollover prepare --dir " + store);
        run("cert rollover prepare");
        assertThat(run("cert rollover status").out()).startsWith("prepared: ").contains("cert rollover switch-over");
        run("cert rollover switch-over");
        run("cert renew echo");
        assertThat(run("cert rollover status").out())
                .startsWith("switched over: ")
                .contains("  weather still has", "  coordinator still has", "cert renew --all --dir " + store)
                .doesNotContain("echo");
        assertThat(run("cert rollover status --json").out())
                .contains("\"stage\":\"switched\"", "{\"credential\":\"weather\",\"notAfter\":\"");
        run("cert renew --all");
        assertThat(run("cert rollover status").out())
                .doesNotContain("still has")
                .contains("cert rollover finish --dir " + store);
        assertThat(run("cert rollover finish").exit()).isEqualTo(ExitCode.DONE);
        assertThat(run("cert rollover status").out()).contains("no roll-over is in progress");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "cert renew echo --passphrase-file /dev/zero",
                "cert issue planner --csr /dev/zero --out new/tls.crt",
                "config --config /dev/zero"
            })
    void endlessFilesAreRefused(String command) {
        assumeTrue(Files.exists(Path.of("/dev/zero")));

        Run refused = run(command);

        assertThat(refused.exit()).isEqualTo(ExitCode.USAGE);
        assertThat(refused.err()).contains("/dev/zero: it is larger than");
    }

    @Test
    void issuesNothingThatCannotBeWrittenDown() throws Exception {
        Path request = Files.writeString(temporary.resolve("planner.csr"), signingRequest("planner", "localhost"));
        Path link = Files.createSymbolicLink(temporary.resolve("tls.crt"), temporary.resolve("nowhere/tls.crt"));

        Run refused = run("cert issue planner --csr " + request + " --out " + link);

        assertThat(refused.exit()).isEqualTo(ExitCode.USAGE);
        assertThat(refused.err()).contains("exists and is not overwritten");
        assertThat(Files.readString(store.resolve("authority/journal")))
                .contains(" echo")
                .doesNotContain("planner");
    }

    @Test
    void listsTheIssuerOnceOrOfEach() {
        assertThat(run("cert list").out().lines().toList())
                .hasSize(5)
                .last()
                .asString()
                .startsWith("issued by mcp-mtls root ");

        run("cert rollover prepare");
        run("cert rollover switch-over");
        run("cert renew echo");

        assertThat(run("cert list").out().lines()).hasSize(4).allMatch(line -> line.contains("mcp-mtls root "));
    }

    @Test
    void theListFitsTheTerminal() {
        ByteArrayOutputStream printed = new ByteArrayOutputStream();
        Console narrow = Console.ofWidth(printed, printed, 80);

        Cli.run(narrow, Map.of(), "cert", "list", "--dir", store.toString());

        assertThat(printed.toString(StandardCharsets.UTF_8).lines()).hasSize(5).allMatch(line -> line.length() <= 80);
    }

    @Test
    void showsTheStatusInItsColour() {
        ByteArrayOutputStream printed = new ByteArrayOutputStream();

        Cli.run(new Console(printed, printed, true, true), Map.of(), "cert", "show", "echo", "--dir", store.toString());

        assertThat(printed.toString(StandardCharsets.UTF_8)).contains("\u001b[32mvalid\u001b[0m");
    }

    @Test
    void aSigningRequestCannotForgeWhatIsPrinted() throws Exception {
        String forged = "\u001b[2J\nissued planner";
        Path request = temporary.resolve("planner.csr");
        String issue = "cert issue planner --csr " + request + " --out " + temporary.resolve("tls.crt");

        Files.writeString(request, signingRequest("planner", forged));
        Run refused = run(issue);
        assertThat(refused.exit()).isEqualTo(ExitCode.USAGE);
        assertThat(refused.out() + refused.err()).doesNotContain("\u001b", "\nissued");

        Files.writeString(request, signingRequest(forged, "planner.example.org"));
        Run issued = run(issue + " --san planner.example.org");
        assertThat(issued.exit()).as(issued.err()).isEqualTo(ExitCode.DONE);
        assertThat(issued.out() + issued.err())
                .startsWith("issued planner for planner.example.org")
                .doesNotContain("\u001b");
    }

    private static String signingRequest(String commonName, String dnsName) throws Exception {
        KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
        generator.initialize(256);
        KeyPair pair = generator.generateKeyPair();
        ExtensionsGenerator extensions = new ExtensionsGenerator();
        extensions.addExtension(
                Extension.subjectAlternativeName,
                false,
                new GeneralNames(new GeneralName(GeneralName.dNSName, dnsName)));
        X500Name subject = new X500NameBuilder().addRDN(BCStyle.CN, commonName).build();
        PKCS10CertificationRequest request = new JcaPKCS10CertificationRequestBuilder(subject, pair.getPublic())
                .addAttribute(PKCSObjectIdentifiers.pkcs_9_at_extensionRequest, extensions.generate())
                .build(new JcaContentSignerBuilder("SHA256withECDSA").build(pair.getPrivate()));
        return Issued.pem("CERTIFICATE REQUEST", request.getEncoded());
    }

    @ParameterizedTest
    @ValueSource(strings = {"localhost,w.example,10.0.0.7", "dns:localhost,DNS:w.example,ip:10.0.0.7"})
    void takesNamesWithAndWithoutTheirKind(String names) {
        assertThat(run("cert rekey weather --san " + names).out())
                .contains("URI:spiffe://demo.local/server/weather, DNS:localhost, DNS:w.example, IP:10.0.0.7");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"my_host.example", "host.1", "0x7f.1", "dns:127.0.0.1", "ip:w.example", "spiffe://demo.local"})
    void issuesNothingThatStrictPeersRefuse(String name) {
        Run refused = run("cert issue files --purpose server --san " + name);

        assertThat(refused.exit()).isEqualTo(ExitCode.USAGE);
        assertThat(refused.err()).contains(name.replaceFirst("^(dns|ip):", ""));
        assertThat(store.resolve("credentials/files")).doesNotExist();
    }

    @Test
    void changesNamesAndKeepsTheSpiffeId() {
        assertThat(run("cert rekey weather --san weather.example.org,10.0.0.7").out())
                .contains("its names are now URI:spiffe://demo.local/server/weather, DNS:weather.example.org,"
                        + " IP:10.0.0.7");
        assertThat(run("cert show weather").out())
                .contains("weather.example.org")
                .doesNotContain("localhost");
        assertThat(run("cert renew weather --san spiffe://demo.local/server/other,localhost")
                        .out())
                .contains("its names are now URI:spiffe://demo.local/server/other, DNS:localhost");
        assertThat(run("cert renew weather").out())
                .contains("spiffe://demo.local/server/other")
                .doesNotContain("names");
    }

    @Test
    void takesNamesWithTheirKindAsItPrintsThem() {
        assertThat(run("cert rekey weather --san dns:w.example.org --san"
                                + " IP:10.0.0.7,ip:::1,URI:spiffe://demo.local/server/w")
                        .out())
                .contains("its names are now URI:spiffe://demo.local/server/w, DNS:w.example.org, IP:10.0.0.7, IP:::1");
    }

    @Test
    void saysHowACertificateOfAKeyElsewhereGetsOverARollOver() throws Exception {
        Path request = temporary.resolve("planner.csr");
        Files.writeString(request, signingRequest("planner", "planner.example.org"));
        String sign = "cert issue planner --san planner.example.org --csr " + request + " --out ";
        run(sign + temporary.resolve("old/tls.crt"));
        run("cert rollover prepare");
        run("cert rollover switch-over");
        assertThat(run("cert rollover status").out()).contains("next: mcp-mtls cert renew --all");
        run("cert renew --all");

        assertThat(run("cert rollover finish").err())
                .contains("needed by planner (", "'mcp-mtls cert rollover status'");
        assertThat(run("cert rollover status").out())
                .contains("planner still has", "its key is not in this store")
                .contains("next: mcp-mtls cert issue planner --csr FILE --out FILE");

        run(sign + temporary.resolve("new/tls.crt"));
        assertThat(run("cert rollover finish").out()).contains("finish done");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "10",
                "999.1.1.1",
                "1.2.3",
                "a_b..c",
                "spiffe://",
                "::zz",
                "fe80::1%lo",
                "dns:",
                "dns:10.0.0.1",
                "dns:a_b..c",
                "ip:echo.internal",
                "uri:https://a",
                "email:me@example.org"
            })
    void refusesWhatIsNoName(String name) {
        for (String command : List.of("cert renew echo", "cert rekey echo", "cert issue new")) {
            Run refused = run(command + " --san " + name);
            assertThat(refused.exit()).as(refused.err()).isEqualTo(ExitCode.USAGE);
            assertThat(refused.err()).doesNotContain("internal error");
        }
    }

    @Test
    void refusesALifetimeThatTheAuthorityCannotGive() throws IOException {
        for (String command : List.of("cert issue new", "cert renew echo", "cert renew --all")) {
            assertThat(run(command + " --lifetime 9999d").err()).contains("--lifetime: ", "choose at most 3649d");
            assertThat(run(command + " --lifetime 3649d").exit()).isEqualTo(ExitCode.DONE);
        }
        Path settings = Files.writeString(temporary.resolve("s.yaml"), "authority: {leaf-lifetime: 9999d}\n");
        assertThat(run("cert issue newer --config " + settings).err()).contains("s.yaml", "choose at most 3649d");
        assertThat(Run.of("init", "--config", settings.toString(), "--dir", temporary + "/another")
                        .err())
                .contains("s.yaml", "authority.lifetime");
        assertThat(temporary.resolve("another")).doesNotExist();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "cert renew ../x",
                "cert rekey ../x",
                "cert delete ../x --yes",
                "cert issue ../x",
                "cert revoke ../x",
                "cert show ../x",
                "cert check ../x",
                "cert show .versions",
                "cert renew /etc/x",
                "tools echo --credential .x",
                "serve echo --credential .x",
                "doctor echo --credential .x",
                "init --servers-echo-credential ../x"
            })
    void aBadNameIsAMistakeOfTheUsers(String command) {
        Run refused = run(command);

        assertThat(refused.exit()).as(refused.err()).isEqualTo(ExitCode.USAGE);
        assertThat(refused.err()).isNotEmpty().doesNotContain("internal error", "Exception");
    }

    @ParameterizedTest
    @ValueSource(strings = {"init", "cert rekey datetime"})
    void mendsACredentialWhoseFilesAreGone(String remedy) throws IOException {
        deleteAll(store.resolve("credentials/.versions/datetime"));

        for (String command : List.of("cert show datetime", "cert renew datetime")) {
            assertThat(run(command).exit()).isEqualTo(ExitCode.USAGE);
            assertThat(run(command).err()).contains("is a broken link", "'mcp-mtls cert rekey datetime'");
        }
        assertThat(run("cert check").exit()).isEqualTo(ExitCode.FAILED);

        assertThat(run(remedy).out()).containsPattern("made +datetime|rekeyed datetime");
        assertThat(run("cert check").exit()).isEqualTo(ExitCode.DONE);
        assertThat(run("cert check").err()).isEmpty();
    }

    @Test
    void suggestsNoCommandForWhatLiesElsewhere() throws IOException {
        Path elsewhere = Files.createDirectory(temporary.resolve("elsewhere"));
        for (String file : List.of("tls.crt", "ca.crt")) {
            Files.copy(file("echo", file), elsewhere.resolve(file));
        }
        Files.copy(file("weather", "tls.key"), elsewhere.resolve("tls.key"));

        assertThat(run("cert check " + elsewhere).out())
                .contains("does not belong to its certificate", "replace both together")
                .doesNotContain("rekey");
        Files.delete(elsewhere.resolve("tls.crt"));
        assertThat(run("cert check " + elsewhere).err())
                .contains("tls.crt does not exist")
                .doesNotContain("rekey");
        Files.delete(file("echo", "tls.crt"));
        assertThat(run("cert check echo").err()).contains("'mcp-mtls cert rekey echo'");
    }

    @Test
    void namesTheSubcommandsWhenNoneIsGiven() {
        assertThat(run("cert").err()).contains("missing subcommand: check, delete", "'mcp-mtls cert --help'");
        assertThat(run("cert rollover").err()).contains("one of prepare, switch-over, finish, status is missing");
        assertThat(run("cert rollover begin").err()).contains("unknown step 'begin'\n  use prepare, ");
    }

    private Run run(String command) {
        return Run.of((command + " --dir " + store).split(" "));
    }

    private Path file(String name, String file) {
        return store.resolve("credentials").resolve(name).resolve(file);
    }

    private static void deleteAll(Path directory) throws IOException {
        try (Stream<Path> files = Files.walk(directory)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
    }
}
