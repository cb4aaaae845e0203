/** The text panel, by Grafana's markdown. */
import { renderTextPanelMarkdown, textUtil } from '@grafana/data';
import { ScrollContainer } from '@grafana/ui';
import type { Props } from './plugin';

export function TextPanel({ options, replaceVariables }: Props) {
  const content = replaceVariables(options.content);
  const html = options.mode === 'markdown' ? renderTextPanelMarkdown(content) : textUtil.sanitizeTextPanelContent(content);
  return (
    <ScrollContainer>
      <div className="markdown-html" dangerouslySetInnerHTML={{ __html: html }} />
    </ScrollContainer>
  );
}
