// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.spring;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption.DoNotIncludeTests;
import dev.mcpmtls.testkit.house.ClassCycles;
import dev.mcpmtls.testkit.house.StableTypes;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The rules of the house for the starter, which the test of all other modules does not see. */
class ArchitectureTest {

    private static final JavaClasses OURS = new ClassFileImporter()
            .withImportOption(new DoNotIncludeTests())
            .withImportOption(location -> !location.contains("/testkit/"))
            .importPackages("dev.mcpmtls");

    @Test
    void stableTypesShowStableTypesOnly() {
        classes().should(new StableTypes()).check(OURS);
    }

    @Test
    void noLargeCycles() {
        classes()
                .that()
                .resideInAPackage("dev.mcpmtls.spring")
                .should(new ClassCycles(List.of()))
                .check(OURS);
    }
}
