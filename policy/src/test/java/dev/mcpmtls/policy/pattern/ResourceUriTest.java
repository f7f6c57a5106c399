// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.policy.pattern;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mcpmtls.identity.pattern.Glob;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ResourceUriTest {

    private static final Glob ALL = Glob.ofSegments("**", '/');

    @ParameterizedTest
    @CsvSource({
        "file:///srv/*, file:///srv/a",
        "file:///srv/*, file:///srv/a?x=1#y",
        "file:///srv/**, file:///srv/a/b?x=/y",
        "file:///srv/**, file:///srv/",
        "**, https://host/",
        "**, mem:notes",
        "**, urn:isbn:1",
        "mem:*, mem:notes",
        "**, file:///a/...",
        "**, file:///a/.b",
        "**, file:///a/b..",
        "**, x://a?p=../..",
        "**, x://a/%41",
        "**, config://app",
        "**, ''",
    })
    void aWildcardPermitsOrdinaryUris(String pattern, String uri) {
        assertThat(ResourceUri.of(uri).isPermittedBy(Glob.ofSegments(pattern, '/')))
                .isTrue();
    }

    @ParameterizedTest
    @CsvSource({
        "file:///srv/*, file:///srv/a/b",
        "file:///srv/*, file:///srv/a?x=/b",
        "file:///srv/**, file:///srv",
        "file:///srv/*, FILE:///srv/a"
    })
    void aWildcardPermitsNothingElse(String pattern, String uri) {
        assertThat(ResourceUri.of(uri).isPermittedBy(Glob.ofSegments(pattern, '/')))
                .isFalse();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "file:///srv/../etc",
                "file:///srv/./a",
                "file:///srv/..",
                "file:///srv/.",
                "file:///srv/%2e%2e/etc",
                "file:///srv/%2E./etc",
                "file:///srv/.%2e/etc",
                "file:///srv/..%2fetc",
                "file:///srv/a%2f%2e%2e%2fetc",
                "file:///srv\\etc",
                "file:///srv/a\\..\\etc",
                "file:///srv/%5c..%5cetc",
                "file:///srv//etc",
                "file:////etc",
                "file:///srv/a%2f/b",
                "mem:a/../b",
                "mem:..",
                "mem:a//b",
                "../a",
                "file:///srv/..?x",
                "file:///srv/..#x",
                "x://a?p=\\",
                "file:///srv/.\t./etc",
                "file:///srv/.\n./etc",
                "file:///srv/a\u0000",
                " file:///srv/a",
                "file:///srv/a ",
                "\u0001file:///srv/a",
                "file:///srv/a?x\r",
            })
    void aWildcardPermitsNoUriThatServersReadDifferently(String uri) {
        assertThat(ResourceUri.of(uri).isPermittedBy(ALL)).isFalse();
        assertThat(ResourceUri.of(uri).isPlain()).isFalse();
        assertThat(ResourceUri.of(uri).isPermittedBy(Glob.ofSegments(uri, '/')))
                .as("written out")
                .isTrue();
    }

    @ParameterizedTest
    @CsvSource({
        "file:///etc/passwd, file:///srv/../etc/passwd",
        "file:///etc/passwd, file:///srv/%2e%2e/etc/passwd",
        "file:///etc/passwd, file:///etc//passwd",
        "file:///etc/passwd, file:///etc\\passwd",
        "file:///etc/passwd, FILE:///etc/passwd",
        "file:///etc/passwd, file:///etc/%70asswd",
        "file:///etc/passwd, file:///etc%2fpasswd",
        "file:///etc/passwd, file:///../../etc/./passwd",
        "https://host/a, https://HOST/a",
        "https://u@host/a, https://u@HOST/a",
        "file:///etc/**, file:///srv/../etc/",
        "mem:b, mem:a/../b",
        "file:///srv/../etc, file:///srv/../etc",
        "file:///a%20b, file:///a%20b",
    })
    void aDenyIsTriedOnTheUriAsSentAndOnItsNormalForm(String pattern, String uri) {
        assertThat(ResourceUri.of(uri).isDeniedBy(Glob.ofSegments(pattern, '/')))
                .isTrue();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "file:///srv/.\t./etc/passwd",
                "file:///e\r\ntc/passwd",
                " file:///etc/passwd",
                "file:///etc/passwd\u0000 ",
                "f\tile:///etc/passwd",
                "file:/etc/passwd",
                "file://localhost/etc/passwd",
                "FILE://LocalHost/srv/../etc/passwd",
                "file:/srv/%2e%2e/etc/passwd",
            })
    void aDenyMeetsEveryFormOfAFile(String uri) {
        assertThat(ResourceUri.of(uri).isDeniedBy(Glob.ofSegments("file:///etc/**", '/')))
                .isTrue();
    }

    @ParameterizedTest
    @ValueSource(strings = {"file:///srv/a b", "file:/srv/a", "x:/srv/a", "file://localhosts/srv/a"})
    void otherFormsStayAsTheyAre(String uri) {
        assertThat(ResourceUri.of(uri).isPermittedBy(ALL)).isTrue();
        assertThat(ResourceUri.of(uri).isDeniedBy(Glob.ofSegments("file:///etc/**", '/')))
                .isFalse();
    }

    @ParameterizedTest
    @CsvSource({
        "file:///etc/passwd, file:///etc/Passwd",
        "https://host/a, https://host/a?x",
        "https://U@host/a, https://u@host/a",
        "file:///srv/**, file:///srv/../etc"
    })
    void aDenyMatchesNothingElse(String pattern, String uri) {
        boolean asSent = Glob.ofSegments(pattern, '/').matches(uri);
        assertThat(ResourceUri.of(uri).isDeniedBy(Glob.ofSegments(pattern, '/')))
                .isEqualTo(asSent);
    }

    @ParameterizedTest
    @CsvSource({
        "file:///srv/*, file:///srv/{name}",
        "file:///srv/a/**, file:///{+path}",
        "file:///srv/x, file:///srv/{name}",
        "**, db://{table}/{id}",
        "db://users/*, db://{table}/{id}",
        "file:///srv/x, file:///srv/x",
        "a://b?q=*, a://b{?q}",
    })
    void aTemplateIsPermittedWhenSomeExpansionIs(String pattern, String template) {
        assertThat(UriTemplate.of(template).isPermittedBy(Glob.ofSegments(pattern, '/')))
                .isTrue();
    }

    @ParameterizedTest
    @CsvSource({"file:///etc/*, file:///srv/{name}", "file:///srv, file:///srv/{name}", "db://users/*, db://{table}"})
    void aTemplateIsNotPermittedWhenNoExpansionIs(String pattern, String template) {
        boolean open = template.equals("db://{table}"); // a variable may hold a slash
        assertThat(UriTemplate.of(template).isPermittedBy(Glob.ofSegments(pattern, '/')))
                .isEqualTo(open);
    }

    @Test
    void aTemplateIsDeniedWhenEveryExpansionIs() {
        UriTemplate template = UriTemplate.of("file:///srv/{name}");
        assertThat(template.isDeniedBy(Glob.ofSegments("file:///**", '/'))).isTrue();
        assertThat(template.isDeniedBy(Glob.ofSegments("file:///srv/**", '/'))).isTrue();
        assertThat(template.isDeniedBy(Glob.ofSegments("file:///srv/*", '/'))).isFalse();
        assertThat(template.isDeniedBy(Glob.ofSegments("file:///srv/secret", '/')))
                .isFalse();
    }

    @Test
    void bracesThatDoNotCloseAreText() {
        assertThat(UriTemplate.of("a://{b").isPermittedBy(Glob.ofSegments("a://{b", '/')))
                .isTrue();
        assertThat(UriTemplate.of("a://{b").isPermittedBy(Glob.ofSegments("a://c", '/')))
                .isFalse();
    }
}
