// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.policy.pattern;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.mcpmtls.identity.pattern.Glob;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** No deny is evaded, and no permit widened, by another spelling of a URI. */
class UriReadingsTest {

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                // scheme and host
                "https://host/a        | HTTPS://HOST/a",
                "https://host/a        | https://host:443/a",
                "https://host/a        | https://host:0443/a",
                "https://host/a        | https://host:/a",
                "http://host/a         | http://host:80/a",
                "https://host:444/a    | https://HOST:444/a",
                "https://host/a        | https://host./a",
                "https://host/a        | https://user@host/a",
                "https://host/a        | https://user:secret@host:443/a",
                "https://host/a        | https://a@b@host/a",
                "https://host/a        | https:host/a",
                "https://host/a        | https:/host/a",
                "https://host/a        | https:///host/a",
                "https://host/a        | https:\\\\host\\a",
                "https://host/a        | https://h%6fst/a",
                "https://host/a        | https://ｈｏｓｔ/a",
                "https://a.example/x   | https://a。example/x",
                "https://xn--mnchen-3ya.example/a | https://münchen.example/a",
                "https://münchen.example/a | https://xn--mnchen-3ya.example/a",
                "http://169.254.169.254/** | http://2852039166/latest",
                "http://169.254.169.254/** | http://0xa9.0xfe.0xa9.0xfe/latest",
                "http://169.254.169.254/** | http://0251.0376.0251.0376/latest",
                "http://169.254.169.254/** | http://169.254.43518/latest",
                "http://127.0.0.1/**   | http://127.1/x",
                "http://[::1]/**       | http://[0:0:0:0:0:0:0:1]/x",
                "http://[::1]:8080/**  | http://[0::1]:8080/x",
                "http://[.:no.example]/** | HTTP://[.:no.example]/x",
                "http://[1]/**         | HTTP://[1]/x",
                "https://host/         | https://host",
                "https://HOST:443/a    | https://host/a",
                "postgres://db/secret  | postgres://user@DB/secret",
                // path
                "file:///etc/passwd    | file:///srv/../etc/passwd",
                "file:///etc/passwd    | file:///srv/%2e%2e/etc/passwd",
                "file:///etc/passwd    | file:///srv/%252e%252e/etc/passwd",
                "file:///etc/passwd    | file:///srv/..%2fetc/passwd",
                "file:///etc/passwd    | file:///srv/..%252fetc/passwd",
                "file:///etc/passwd    | file:///etc%5cpasswd",
                "file:///etc/passwd    | file:////etc//passwd",
                "file:///etc/passwd    | file:///etc/passwd/",
                "file:///etc/passwd    | file:///etc/./passwd/.",
                "file:///etc/passwd    | file:///etc/%70asswd",
                "file:///etc/passwd    | file:///etc/passwd?x=1",
                "file:///etc/passwd    | file:///etc/passwd#x",
                "file:///etc/passwd    | file:///srv/a?/../../etc/passwd",
                "file:///etc/passwd    | file:///srv/a#/../../etc/passwd",
                "file:///etc/passwd    | file:/etc/passwd",
                "file:///etc/passwd    | file:etc/passwd",
                "file:///etc/passwd    | file://localhost/etc/passwd",
                "file:///etc/passwd    | file://elsewhere/etc/passwd",
                "file:///etc/passwd    | FILE://user@x/etc/passwd",
                "file:///my docs/*     | file:///my%20docs/a",
                "file:///my%20docs/*   | file:///my docs/a",
                "file:///my%20docs/*   | file:///%6dy%20docs/a",
                "file:///é/*           | file:///%C3%A9/a",
                "file:///%c3%a9/*      | file:///é/a",
                "file:///é/*           | file:///e%CC%81/a",
                "file://localhost/a/*  | file:///a/b",
                "mem:notes             | MEM:notes",
                "mem:notes             | mem:n%6ftes",
                "**/secret/**          | file:///srv/%73ecret/a",
                "**/my%20docs/**       | file:///srv/my docs/a",
                // query and fragment
                "https://host/a        | https://host/a#top",
                "https://host/a        | https://host/a?",
                "https://host/a?x=1&y=2 | https://host/a?y=2&x=1",
                "https://host/a?y=2&x=1 | https://host/a?x=1&y=2",
                "https://host/a?x=a    | https://host/a?x=%61",
                "https://host/a?**     | https://HOST/a?y=2&x=1",
            })
    void aDenyMeetsEveryReading(String pattern, String uri) {
        assertThat(denies(pattern, uri)).isTrue();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "https://host/a      | https://host/A",
                "https://host/a      | http://host/a",
                "https://host/a      | https://host:444/a",
                "https://host/a      | https://host.example/a",
                "https://host/a      | https://host@elsewhere/a",
                "https://host/a      | https://host/a/",
                "https://host/a      | https://host/a?x",
                "https://host/a#top  | https://host/a",
                "https://user@host/a | https://host/a",
                "https://host/a?x=1  | https://host/a?x=2",
                "file:///a?x         | file:///a",
                "file:///a/*         | file:///a",
                "file:///%2A         | file:///a",
                "mem:a               | mem:a/b",
            })
    void aDenyMeetsNoOtherUri(String pattern, String uri) {
        assertThat(denies(pattern, uri)).isFalse();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "https://*.example.com/**   | https://evil.example#.example.com/x",
                "https://*.example.com/**   | https://evil.example?.example.com/x",
                "https://*.example.com/**   | https://evil.example\\\\.example.com/x",
                "https://*.example.com/**   | https://evil.example%2f.example.com/x",
                "https://*.example.com/**   | https://evil.example／.example.com/x",
                "https://*.example.com/**   | https://evil.example℀.example.com/x",
                "https://api-*/**           | https://api-x@evil.example/x",
                "https://api.example.com:*/** | https://api.example.com:80@evil.example/x",
                "https://**                 | https:///evil.example/x",
                "file:///srv/pub/*          | file:///srv/pub/a%2Fb",
                "file:///srv/pub/*          | file:///srv/pub/a%252Fb",
                "file:///srv/pub/**         | file:///srv/pub/%252e%252e/secret",
                "file:///srv/pub/**         | file:///srv/pub/%25252e%25252e/secret",
                "file:///srv/pub/**         | file:///srv/pub/..;x/secret",
                "file:///srv/pub/**         | file:///srv/pub/a%00.txt",
                "file:///srv/pub/**         | file:///srv/pub/a%0a",
                "file:///srv/pub/**         | file:///srv/pub/a?/../../secret",
                "file:///srv/pub/**         | file:///srv/pub/a#/../../secret",
                "file:///srv/pub/**         | file:///srv/pub/a%2f%2fb",
                "file:///srv/pub/**         | file:///srv/pub/a%255cb",
            })
    void aPermitIsNotWidened(String pattern, String uri) {
        assertThat(permits(pattern, uri)).isFalse();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "https://*.example.com/**   | https://api.example.com/x?y=a@b",
                "https://host/*             | https://host/a?u=http:%2F%2Fx",
                "https://host/**            | https://host/a?next=../b",
                "https://host/**            | https://host/a?text=one%0Atwo",
                "file:///srv/pub/**         | file:///srv/pub/a%2Fb",
                "file:///srv/pub/*          | file:///srv/pub/100%25.txt",
                "file:///srv/pub/*          | file:///srv/pub/a;b",
                "file:///srv/pub/*          | file:///srv/pub/ü",
                "postgres://**              | postgres://user@host/table/schema",
                "note://*                   | note://Meeting at ten",
                "http*://host/**            | https://host/a",
                "*://host/**                | https://host/a",
                "**//host/**                | https://host/a",
            })
    void aPermitMatchesOrdinaryUris(String pattern, String uri) {
        assertThat(permits(pattern, uri)).isTrue();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "file:///a//**",
                "file:///a/../*",
                "file:///a/%2e%2e/*",
                "file:///a\\*",
                "https://user@host/*",
                "https:///*",
                "https://*#x"
            })
    void aPermitWithAWildcardThatNothingCanMatchIsAnError(String pattern) {
        assertThatThrownBy(() -> ResourceUri.permitPattern(pattern))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("a wildcard permits no URI with");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "file:///a/**   | file:///a//{x}     | false",
                "file:///a/**   | file:///a/../{x}   | false",
                "file:///a/**   | file:///a/{x}      | true",
                "file:///a/**   | file:///a/{+x}     | true",
                "file:///a//b   | file:///a//{x}     | true",
                "https://**     | https://{user}@h/x | false",
                "https://*/x    | https://{host}/x   | true",
            })
    void aTemplateIsListedWhenAnExpansionMayBeRead(String pattern, String template, boolean listed) {
        assertThat(UriTemplate.of(template).isPermittedBy(ResourceUri.permitPattern(pattern)))
                .isEqualTo(listed);
    }

    private static boolean denies(String pattern, String uri) {
        ResourceUri read = ResourceUri.of(uri.replace("\\\\", "\\"));
        return ResourceUri.denyPatterns(pattern).stream().anyMatch(read::isDeniedBy);
    }

    private static boolean permits(String pattern, String uri) {
        Glob permit = ResourceUri.permitPattern(pattern);
        return ResourceUri.of(uri.replace("\\\\", "\\")).isPermittedBy(permit);
    }
}
