// Runs as the load handler of a figure's picture. Puts the SVG into the page in the place of the picture, in the colours of the page, and shows the values
// under the pointer. Strings are in back quotes and there is no apostrophe, so that the whole fits into an attribute. Needs nothing else on the page.
(i=>{
const {abs,hypot,log,max,min}=Math,
s=document.importNode(new DOMParser().parseFromString(decodeURIComponent(i.src.slice(i.src.indexOf(`,`)+1)),`image/svg+xml`).documentElement,true),
q=n=>s.querySelector(n),
// the data have single for double quotation marks and the other way about
P=JSON.parse(q(`metadata`).textContent.replace(/["\x27]/g,c=>c==`"`?`\x27`:`"`)),
rules=q(`style`),
colors=[],
set=(e,a)=>{for(const k in a)e.setAttribute(k,a[k]);return e},
N=(n,a)=>set(document.createElementNS(s.namespaceURI,n),a);
// both colours of every painted element; the picture itself carries that of most texts
if(rules){
for(const [,a,l,d] of rules.textContent.matchAll(/\[(\w+)=.(#\w+).\]\{\w+:(#\w+)/g))for(const e of [s,...s.querySelectorAll(`[${a}]`)])if(e.getAttribute(a)==l)colors.push([e,a,l,d]);
rules.remove()
}
// dark where the nearest painted ground of the page is dark
let dark;
const paint=()=>{
let g;
for(let e=s.isConnected?s.parentNode:document.body;e&&!g;e=e.parentNode||e.host){const c=e.nodeType==1&&getComputedStyle(e).backgroundColor.match(/[\d.]+/g);if(c&&c[3]!=0)g=c}
dark=colors.length&&(g?g[0]*.3+g[1]*.6+g[2]*.1<110:matchMedia(`(prefers-color-scheme:dark)`).matches);
for(const [e,a,l,d] of colors)set(e,{[a]:dark?d:l})
};
set(s,{"aria-label":q(`desc`).textContent});
q(`title`).remove();
s.style.cssText=`max-width:100%;height:auto`;
i.replaceWith(s);
paint();
const label=(a,v)=>{const t=(a.ticks||[]).find(t=>abs(t[0]-v)<.5);return t?t[1]:`${+v.toPrecision(4)}`},
said=(a,v,l,h)=>(a.title?a.title+`: `:``)+label(a,v)+(l==null||h==null?``:` [${+l.toPrecision(4)}, ${+h.toPrecision(4)}]`),
at=(a,l,h)=>a.scale==`log`?v=>log(v/l)/log(h/l):v=>(v-l)/(h-l);
// positions along x that a mark shares with the one before, boxes that a strip shares with the first
let strip;
P.panels.forEach(p=>{let x;p.marks.forEach(m=>{
if(m.kind==`line`||m.kind==`band`)x=m.x=m.x||x;
if(m.kind==`strip`){strip=strip||m;for(const k of [`left`,`width`,`row`,`texts`,`hover`])m[k]=m[k]||strip[k]}
})});
const areas=[...s.querySelectorAll(`[data-area]`)].map(e=>e.dataset.area.split(` `).map(Number));
// the nearest thing to a point of the picture: [distance, x, y, lines of text]
const find=(px,py)=>{
let best=[28];
areas.forEach(([l,t,w,h,x0,x1,y0,y1],n)=>{
if(px<l-9||px>l+w+9||py<t-9||py>t+h+9)return;
const p=P.panels[n],fx=at(p.x,x0,x1),fy=at(p.y,y0,y1),X=v=>l+fx(v)*w,Y=v=>t+h-fy(v)*h,
offer=(d,x,y,text)=>{if(d<best[0])best=[d,x,y,text.filter(z=>z)]};
p.marks.forEach(m=>{
if(m.kind==`line`||m.kind==`points`)m.x.forEach((v,j)=>{
const y=m.y[j];
if(v==null||y==null)return;
const k=m.kind==`line`&&p.marks.find(o=>o.kind==`band`&&o.name==m.name&&o.x[j]==v),r=k||m,low=r.low&&r.low[j],high=r.high&&r.high[j];
offer(hypot(X(v)-px,Y(y)-py),X(v),Y(y),[m.name,m.hover&&m.hover[j],m.across?said(p.x,v,low,high):said(p.x,v),m.across?said(p.y,y):said(p.y,y,low,high)])
});
if(m.kind==`bars`)m.x.forEach((v,j)=>{
const y=m.y[j];
if(y==null||abs(px-X(v))>abs(X(v+m.width/2)-X(v)))return;
const a=Y(0),c=Y(y);
offer(py>=min(a,c)&&py<=max(a,c)?0:abs(py-c),X(v),c,[m.name,said(p.x,v),said(p.y,y,m.low&&m.low[j],m.high&&m.high[j])])
});
if(m.kind==`cells`)m.y.forEach((r,k)=>m.x.forEach((c,j)=>{
const v=m.values[k][j];
if(v!=null&&abs(px-X(c))<=X(.5)-X(0)&&abs(py-Y(r))<=Y(0)-Y(.5))offer(0,X(c),Y(r),[said(p.x,c),said(p.y,r),P.colors.title+`: `+ +v.toPrecision(4)])
}));
if(m.kind==`strip`)m.left.forEach((v,j)=>{
if(m.values[j]!=null&&px>=X(v)&&px<=X(v+m.width[j])&&abs(py-Y(m.row[j]))<=Y(0)-Y(.42))offer(0,X(v+m.width[j]/2),Y(m.row[j]),[p.title,(m.hover||m.texts)[j],P.colors.title+`: `+ +m.values[j].toPrecision(4)])
})
})
});
return best[3]&&best
};
let tip;
s.onpointerleave=()=>tip&&tip.remove();
s.onpointerenter=paint;
s.onpointermove=e=>{
const z=new DOMPoint(e.clientX,e.clientY).matrixTransform(s.getScreenCTM().inverse()),hit=find(z.x,z.y);
tip&&tip.remove();
if(!hit)return;
const ink=dark?`#E6EAEE`:`#1F2328`,text=N(`text`,{"font-size":12,fill:ink}),box=N(`rect`,{rx:3,fill:dark?`#2C333B`:`#FFFFFF`,stroke:ink,"stroke-width":.8,"fill-opacity":.95}),v=s.viewBox.baseVal;
tip=N(`g`,{"class":`hover`,"pointer-events":`none`});
const g=N(`g`,{});
g.append(box,text);
tip.append(N(`circle`,{cx:hit[1],cy:hit[2],r:6,fill:`none`,stroke:ink,"stroke-width":1.5}),g);
hit[3].forEach((c,j)=>{const o=N(`tspan`,{x:0,y:j*15,"font-weight":j?400:600});o.textContent=c;text.append(o)});
s.append(tip);
const r=text.getBBox(),x=max(4,hit[1]+r.width+24>v.width?hit[1]-r.width-16:hit[1]+14),y=max(18,min(v.height-r.height,hit[2]-10));
set(box,{x:-6,y:-14,width:r.width+12,height:r.height+7});
set(g,{transform:`translate(${x} ${y})`})
}
})(this)
