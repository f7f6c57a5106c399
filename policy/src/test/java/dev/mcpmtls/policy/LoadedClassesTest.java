// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.policy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.File;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.net.MalformedURLException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

/** Rules without conditions work, quickly, where CEL is not even installed. */
class LoadedClassesTest {

    private static final String PLAIN = "rules: [{name: r, peers: 'spiffe://a/**', tools: 'a*', rate: 1/s}]";
    private static final String CONDITIONAL = "rules: [{name: r, tools: 'a*', when: call.tool == 'a'}]";

    @Test
    void celIsLoadedOnlyForAWhen() throws Exception {
        try (URLClassLoader withoutCel = withoutCel()) {
            assertThat(decide(withoutCel, PLAIN)).isEqualTo("permit r");
            assertThatThrownBy(() -> decide(withoutCel, CONDITIONAL))
                    .isInstanceOf(InvocationTargetException.class)
                    .hasRootCauseInstanceOf(ClassNotFoundException.class);
        }
    }

    /** Called in the other class loader. */
    static String decide(String text) {
        Policy policy = Policy.parse("policy.yaml", text);
        policy.check(Inventory.unknown());
        policy.explain(Asking.caller("spiffe://a/b"), Asking.tool("a"), Asking.NOW);
        return Asking.verdict(policy, Asking.caller("spiffe://a/b"), Asking.tool("a"));
    }

    private static Object decide(ClassLoader loader, String text) throws ReflectiveOperationException {
        Method decide = loader.loadClass(LoadedClassesTest.class.getName()).getDeclaredMethod("decide", String.class);
        decide.setAccessible(true);
        return decide.invoke(null, text);
    }

    private static URLClassLoader withoutCel() {
        URL[] path = Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator))
                .filter(entry -> !entry.contains(File.separator + "dev" + File.separator + "cel" + File.separator))
                .map(LoadedClassesTest::url)
                .toArray(URL[]::new);
        return new URLClassLoader(path, ClassLoader.getPlatformClassLoader());
    }

    private static URL url(String entry) {
        try {
            return Path.of(entry).toUri().toURL();
        } catch (MalformedURLException e) {
            throw new IllegalArgumentException(e);
        }
    }
}
